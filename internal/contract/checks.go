package contract

import "slices"

// Checks returns the requirements of the contract in order.
func Checks() []Check {
	return slices.Concat(
		discoveryChecks(), tokenChecks(), keyChecks(), authorizationChecks(),
		browserChecks(), operationChecks(), protocolChecks(),
	)
}

func discoveryChecks() []Check {
	return []Check{
		{
			ID: "C1", Title: "protected resource metadata is public and unchanged",
			Ref: "RFC 9728 section 3; MCP 2026-07-28, Authorization Server Discovery",
			Why: "clients learn from it where to log in; without it, or with other values, nobody can",
			Fix: "serve the JSON from the Scalekit dashboard at /.well-known/oauth-protected-resource for GET, HEAD and OPTIONS, outside of authentication",
			Run: checkMetadata,
		},
		{
			ID: "C2", Title: "the metadata is at the path-inserted location, and the challenge says so",
			Ref: "RFC 9728 sections 3.1 and 5.1",
			Why: "clients prefer this location, and refuse a document whose resource does not belong to it",
			Fix: "serve the same document at /.well-known/oauth-protected-resource followed by the MCP path, and derive resource_metadata from the configured resource",
			Run: checkInsertedMetadata,
		},
		{
			ID: "C3", Title: "/health answers without a token",
			Ref: "contract C3",
			Why: "load balancers and orchestrators have no token and would restart a healthy server",
			Fix: `answer GET and HEAD /health with 200 and {"status":"healthy"} outside of authentication`,
			Run: checkHealth,
		},
		{
			ID: "C4", Title: "a request without a bearer token is challenged",
			Ref: "RFC 6750 section 3; RFC 9728 section 5.1; MCP 2026-07-28, Authorization",
			Why: "clients start to log in when they see this challenge, and give up when they see anything else",
			Fix: `answer 401 with WWW-Authenticate: Bearer realm="OAuth", resource_metadata="…" without error, and a JSON body`,
			Run: checkChallenge,
		},
	}
}

func tokenChecks() []Check {
	return []Check{
		{
			ID: "C5", Title: "forged, malformed and misused tokens are refused without a hint",
			Ref: "RFC 6750 section 3.1; RFC 8725; MCP 2026-07-28, Authorization, Token Handling",
			Why: "every one of these tokens is a way in, and every detail in the answer helps to make the next one",
			Fix: `refuse with 401, error="invalid_token", one fixed error_description and resource_metadata; log the reason instead`,
			Run: checkBadTokens,
		},
		{
			ID: "C6", Title: "exactly one credential, in the Authorization header",
			Ref: "RFC 6750 section 2; RFC 9110 section 11.1; MCP 2026-07-28, Authorization, Token Requirements",
			Why: "tokens in URLs end up in logs, and two credentials let a proxy and the server see different callers",
			Fix: "compare the scheme without regard to case, read nothing but the Authorization header, refuse it when it is repeated",
			Run: checkCredential,
		},
		{
			ID: "C7", Title: "good tokens of every form are accepted",
			Ref: "RFC 7519 section 4.1; RFC 8707 section 2; contract C7",
			Why: "Scalekit is moving from one issuer to another and both are live; tokens name the server by URL, by id or by both",
			Fix: "accept iss of the environment and of authorization_servers, and aud as string or array holding EXPECTED_AUDIENCE or the res_… id",
			Run: checkGoodTokens,
		},
	}
}

func keyChecks() []Check {
	return []Check{
		{
			ID: "C8", Title: "rotated keys are accepted, withdrawn keys are not, and unknown keys cost no fetch each",
			Ref: "RFC 7517 section 4.5; contract C8",
			Why: "a server that never looks again breaks on the first rotation; one that always looks can be used to attack its own authorization server",
			Fix: "refetch on an unknown kid with a floor between fetches, replace the whole set, void cached verdicts of withdrawn keys, and limit the size of the answer",
			Run: checkKeys, Disturbs: true,
		},
		{
			ID: "C9", Title: "an outage of the keys is not the client's fault",
			Ref: "RFC 9110 section 15.6.4; contract C9",
			Why: "a 401 makes clients throw their tokens away and log in again; a server that waits for the keys stops serving everybody",
			Fix: "keep the last good keys, answer 503 with Retry-After for an unknown key, bound every fetch, and start without keys",
			Run: checkOutage, Disturbs: true,
		},
	}
}

func authorizationChecks() []Check {
	return []Check{
		{
			ID: "C10", Title: "scopes come from scope and scopes together",
			Ref: "RFC 8693 section 4.2; contract C10",
			Why: "Scalekit writes one, the other or both; reading one refuses people who were granted access",
			Fix: "split scope at spaces, read scopes as an array, and take the union",
			Run: checkScopeClaims,
		},
		{
			ID: "C11", Title: "a tool's scopes are required, however the call is written",
			Ref: "RFC 6750 section 3.1; MCP 2026-07-28, Authorization, Scope Challenge Handling",
			Why: "a check on the raw body is passed by with a batch or with keys that differ in case; without the challenge clients cannot ask for more",
			Fix: `check scopes after MCP has parsed the call, and answer 403 with error="insufficient_scope", every scope the tool needs, and resource_metadata`,
			Run: checkToolScopes,
		},
		{
			ID: "C12", Title: "a tool sees the caller of this request",
			Ref: "MCP 2026-07-28, Authorization, Token Handling; contract C12",
			Why: "a caller kept in a session or a shared variable acts with somebody else's rights",
			Fix: "read the caller from the token of the current request",
			Run: checkCaller,
		},
		{
			ID: "C13", Title: "the client's token is not passed on",
			Ref: "MCP 2026-07-28, Security Best Practices, Token Passthrough",
			Why: "whoever receives the token can use this server in its owner's name",
			Fix: "send no Authorization header of the client's to anybody; get a separate token for each upstream",
			Run: checkPassthrough,
		},
	}
}

func browserChecks() []Check {
	return []Check{
		{
			ID: "C14", Title: "foreign origins and hosts are refused before authentication",
			Ref: "MCP 2026-07-28, Transports, Streamable HTTP, Security Warning",
			Why: "any web page could talk to a server on its visitor's machine, by DNS rebinding even as the same origin",
			Fix: "answer 403 to an Origin that is not allowed before looking at the token, and on loopback to a Host that is not the server's",
			Run: checkOrigins,
		},
		{
			ID: "C15", Title: "browsers of allowed origins can use the server",
			Ref: "Fetch standard, CORS protocol; contract C15",
			Why: "a preflight carries no token; without the headers on a 401 a browser cannot read the challenge and nobody can log in",
			Fix: "answer preflights with 204 outside of authentication, send CORS headers with 200, 401 and 403, and never allow credentials",
			Run: checkCORS,
		},
		{
			ID: "C16", Title: "the MCP path answers itself, with and without a slash",
			Ref: "contract C16",
			Why: "clients drop the body or the token when they follow a redirect",
			Fix: "register the exact path and the path with a slash, and turn off the router's redirects",
			Run: checkRedirects,
		},
	}
}

func operationChecks() []Check {
	return []Check{
		{
			ID: "C17", Title: "limits hold, and SIGTERM lets requests finish",
			Ref: "RFC 6585 section 5; RFC 9110 sections 15.5.14 and 15.6.4; contract C17",
			Why: "without limits a few clients take all memory or all connections; without an orderly stop every deployment breaks requests",
			Fix: "limit body, header and token sizes, requests in flight and the time to read a header; stop with a grace period and exit 0",
			Run: checkLimits, Disturbs: true,
		},
		{
			ID: "C18", Title: "logs are structured, name the caller, and hold no secret",
			Ref: "OWASP Logging Cheat Sheet; contract C18",
			Why: "a token in a log is a token in the hands of everybody who reads logs; a log without the caller explains nothing",
			Fix: "log one JSON object a line with subject and outcome, never headers, tokens, secrets or bodies",
			Run: checkLog,
		},
	}
}

func protocolChecks() []Check {
	return []Check{
		{
			ID: "C19", Title: "every MCP revision in use is served at one URL, without sessions",
			Ref: "MCP 2026-07-28, Versioning and Streamable HTTP; MCP 2025-03-26, 2025-06-18 and 2025-11-25, Transports",
			Why: "clients of both eras are in use; sessions break behind a load balancer, and on the second request of a careless server",
			Fix: "serve Streamable HTTP stateless, with server/discover for 2026-07-28 and initialize for the older revisions",
			Run: checkRevisions,
		},
		{
			ID: "C20", Title: "lists are not publicly cacheable",
			Ref: "MCP 2026-07-28, Caching",
			Why: "a public answer may be given to other callers, who then see tools that are none of their business",
			Fix: `set cacheScope to "private" on every list, and send no Cache-Control: public`,
			Run: checkCaching,
		},
	}
}

package contract

// Discovery returns the checks that go the way of a client, from the challenge to a token, in order. They
// look at what the contract leaves to others: the authorization server, and the caller's own token.
func Discovery() []Check {
	checks := []Check{
		{
			ID: "D1", Title: "the challenge leads to the protected resource metadata",
			Ref: "RFC 9728 sections 3.1 and 5.1; MCP 2026-07-28, Authorization Server Discovery",
			Why: "a client without the metadata does not know that it can log in, or where",
			Fix: "name in resource_metadata the absolute public URL of the metadata, and serve it there without a token",
			Run: followChallenge,
		},
		{
			ID: "D2", Title: "the metadata names this server and its authorization server",
			Ref: "RFC 9728 sections 2 and 3.3; MCP 2026-07-28, Canonical Server URI",
			Why: "clients refuse metadata of another resource, and look for the authorization server at the first entry exactly as it is written",
			Fix: "register in Scalekit the MCP URL that people type, copy the metadata from the dashboard, and do not put a .well-known URL into authorization_servers",
			Run: followMetadata,
		},
		{
			ID: "D3", Title: "the authorization server's metadata is found and is its own",
			Ref: "RFC 8414 sections 3.1 and 3.3; MCP 2026-07-28, Authorization Server Metadata Discovery",
			Why: "strict clients refuse metadata whose issuer is not the entry that led to it: it could be somebody else's",
			Fix: "put into authorization_servers exactly the issuer of the authorization server, …/resources/res_… at Scalekit",
			Run: followIssuer,
		},
		{
			ID: "D4", Title: "clients can register and log in there",
			Ref: "RFC 8414 section 2; RFC 7636; RFC 7591; MCP 2026-07-28, Client Registration and PKCE",
			Why: "a client that cannot register, or is not promised PKCE with S256, gives up before anybody sees a login page",
			Fix: "name the resource's authorization server, not the environment, and turn on client registration or client ID metadata documents for it in the Scalekit dashboard",
			Run: checkServerMetadata,
		},
		{
			ID: "D5", Title: "the authorization server publishes its keys",
			Ref: "RFC 8414 section 2; RFC 7517; RFC 7518 section 3.3",
			Why: "without an RSA key of 2048 bits or more at jwks_uri no token can be verified",
			Fix: "publish the signing keys at jwks_uri, ENV/keys at Scalekit",
			Run: followKeys,
		},
	}
	checks = append(checks, loginChecks()...)
	for i := range checks {
		checks[i].Discovers = true
	}
	return checks
}

func loginChecks() []Check {
	return []Check{
		{
			ID: "D6", Title: "a machine client gets a token",
			Ref: "RFC 6749 section 4.4; RFC 8707 section 2",
			Why: "jobs and agents without a person have no other way to log in",
			Fix: "create a client for this MCP server in the Scalekit dashboard without a redirect URI, and give its m2m_… id and its secret",
			Run: checkCredentials,
		},
		{
			ID: "D7", Title: "the access token is for this server",
			Ref: "RFC 9068 section 4; RFC 8707 section 2; MCP 2026-07-28, Authorization, Token Handling",
			Why: "this server must refuse it, and then nothing can be learned about good tokens",
			Fix: "get a fresh token from a client that was registered for this MCP server",
			Run: checkOwnToken,
		},
	}
}

import { sendChallenge } from "./challenge.mjs";
import { KeysUnavailable } from "./keys.mjs";
import { InvalidToken } from "./token.mjs";

class NoToken extends Error {}
class RepeatedHeader extends Error {}

/**
 * Answers requests that carry no valid access token, and lets the others through to MCP, whose tools find the caller
 * with callerOf. Challenges lead clients to the metadata at metadataURL (RFC 9728 section 5.1).
 */
export function guard(verifier, metadataURL, log) {
  return async (request, response, next) => {
    const start = performance.now();
    let caller;
    try {
      caller = await verifier.verify(credential(request.rawHeaders));
    } catch (error) {
      const challenge = challengeFor(error);
      if (challenge === undefined) {
        next(error);
        return;
      }
      log.info("request refused", { status: challenge.status, reason: error.message });
      sendChallenge(response, challenge, metadataURL);
      return;
    }
    delete request.headers.authorization; // nobody else needs the token
    Object.assign(request, { auth: authInfo(caller, metadataURL) }); // where the SDK looks for it
    response.on("close", () => {
      log.info("request", {
        subject: caller.subject,
        client: caller.clientID,
        status: response.statusCode,
        ms: Math.round(performance.now() - start),
      });
    });
    next();
  };
}

/** Who sent the request that a tool serves. It is the caller of this request's token. */
export function callerOf(context) {
  const caller = context.http?.authInfo?.extra?.caller;
  if (caller === undefined) {
    throw new Error("the request did not come through guard");
  }
  return caller;
}

function authInfo(caller, metadataURL) {
  return {
    token: "", // no tool may pass it on
    clientId: caller.clientID,
    scopes: caller.scopes,
    expiresAt: caller.expires,
    resourceMetadataUrl: metadataURL,
    extra: { caller },
  };
}

/**
 * Returns the one bearer token of the Authorization header (RFC 6750 section 2.1). Tokens in the query or in a form
 * are not looked for. Node joins or drops repeated headers; only the raw ones tell.
 */
function credential(rawHeaders) {
  const values = rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === "authorization");
  if (values.length > 1) {
    throw new RepeatedHeader("repeated Authorization header");
  }
  const [, token] = /^bearer +([^ ].*?) *$/i.exec(values[0] ?? "") ?? [];
  if (token === undefined) {
    throw new NoToken("no bearer token");
  }
  return token;
}

/** What was wrong with a token goes to the log only. There is no challenge for what is no fault of the token. */
function challengeFor(error) {
  if (error instanceof NoToken) {
    return { status: 401, description: "This server needs an access token" };
  }
  if (error instanceof RepeatedHeader) {
    return { status: 400, error: "invalid_request", description: "Send one Authorization header" };
  }
  if (error instanceof InvalidToken) {
    return { status: 401, error: "invalid_token", description: "The access token is not valid for this server" };
  }
  if (error instanceof KeysUnavailable) {
    return { status: 503, description: "The access token cannot be checked now" };
  }
  return undefined;
}

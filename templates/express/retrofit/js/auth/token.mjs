import { compactVerify } from "jose";

import { parseObject, readClaims } from "./claims.mjs";
import { UnknownKey } from "./keys.mjs";

const maxToken = 8 << 10; // characters; a longer one is refused unread
export const leeway = 30; // seconds by which clocks may differ

/** Says that a token is not valid for this server. What is wrong with it is for the log, not for the caller. */
export class InvalidToken extends Error {}

/** Checks access tokens (RFC 9068, RFC 8725). */
export class Verifier {
  keys;
  issuers;
  audiences;

  /** Accepts tokens signed by keys, with one of issuers as iss and one of audiences in aud. */
  constructor(keys, issuers, audiences) {
    this.keys = keys;
    this.issuers = issuers;
    this.audiences = audiences;
  }

  /** Returns the caller that the token names. Throws InvalidToken or KeysUnavailable; neither holds the token or a claim. */
  async verify(token) {
    if (token.length > maxToken) {
      throw new InvalidToken(`longer than ${maxToken} bytes`);
    }
    const { kid, claims } = parse(token);
    // Before the key is looked up, so that a foreign token costs no fetch.
    this.check(claims);
    await verifySignature(token, await this.key(kid));
    return {
      subject: claims.subject,
      clientID: claims.clientID,
      organization: claims.organization,
      scopes: claims.scopes,
      expires: claims.expires,
    };
  }

  check(claims) {
    const now = Date.now() / 1000;
    if (!this.issuers.includes(claims.issuer)) throw new InvalidToken("foreign issuer");
    if (!claims.audience.some((audience) => this.audiences.includes(audience))) throw new InvalidToken("foreign audience");
    if (claims.subject === "") throw new InvalidToken("no subject");
    if (claims.expires + leeway <= now) throw new InvalidToken("expired");
    if ((claims.notBefore ?? 0) > now + leeway) throw new InvalidToken("not valid yet");
    if ((claims.issuedAt ?? 0) > now + leeway) throw new InvalidToken("issued in the future");
  }

  async key(kid) {
    try {
      return await this.keys.lookup(kid);
    } catch (error) {
      if (error instanceof UnknownKey) {
        throw new InvalidToken("unknown key");
      }
      throw error;
    }
  }
}

async function verifySignature(token, key) {
  try {
    await compactVerify(token, key, { algorithms: ["RS256"] });
  } catch {
    throw new InvalidToken("bad signature or algorithm");
  }
}

/**
 * Takes a token apart (RFC 7515 section 7.1). It accepts what an RS256 access token may look like, and nothing else
 * (RFC 8725 section 3.1). Nothing of what it returns is verified.
 */
function parse(token) {
  const parts = token.split(".");
  let header;
  let claims;
  try {
    const [first, second] = parts.map(decode);
    if (parts.length !== 3 || first === undefined || second === undefined) {
      throw new Error("not in three parts");
    }
    header = parseObject(utf8.decode(first));
    claims = readClaims(utf8.decode(second));
  } catch {
    throw new InvalidToken("malformed");
  }
  if (["crit", "jwk", "jku", "x5c", "x5u"].some((name) => name in header)) throw new InvalidToken("header with a key or an extension");
  if (header.alg !== "RS256") throw new InvalidToken("bad signature or algorithm");
  if (typeof header.kid !== "string" || header.kid === "") throw new InvalidToken("no key id");
  return { kid: header.kid, claims };
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Decodes base64url in the one form that it has: no padding, no stray bits. */
function decode(part) {
  const bytes = Buffer.from(part, "base64url");
  if (bytes.toString("base64url") !== part) {
    throw new Error("not base64url");
  }
  return bytes;
}

import { createSign, generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

export const resourceID = "res_1";

/** The scopes that the tool whoami requires. */
export const scopes = "notes:read";

type Members = Record<string, unknown>;

/** An authorization server for the tests: it publishes keys and signs tokens. */
export class Issuer {
  url = "";
  fetches = 0;
  answer: RequestListener | undefined; // instead of the keys
  private readonly published: { kid: string; private: KeyObject; public: KeyObject }[] = [];

  /** Starts an issuer with one key, which ends with the test. */
  static async start(test: TestContext): Promise<Issuer> {
    const issuer = new Issuer();
    issuer.rotate();
    const server = createServer((request, response) => {
      issuer.fetches++;
      if (issuer.answer !== undefined) {
        issuer.answer(request, response);
        return;
      }
      response.setHeader("Content-Type", "application/json");
      response.end(JSON.stringify({ keys: issuer.published.map((key) => issuer.jwk(key.kid)) }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    test.after(() => {
      server.closeAllConnections();
      server.close();
    });
    issuer.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return issuer;
  }

  /** Publishes a new key and signs with it from now on. */
  rotate(): void {
    const { privateKey, publicKey } = keyPair(this.published.length);
    this.published.push({ kid: `key-${this.published.length + 1}`, private: privateKey, public: publicKey });
  }

  /** Takes back every key but the latest. */
  withdraw(): void {
    this.published.splice(0, this.published.length - 1);
  }

  /** The environment of a server that trusts this issuer and answers MCP at path. */
  environment(path: string, port = 3002): Record<string, string> {
    const resource = `http://localhost:${port}${path}`;
    return {
      PORT: String(port),
      SK_ENV_URL: this.url,
      EXPECTED_AUDIENCE: resourceID,
      PROTECTED_RESOURCE_METADATA: JSON.stringify({
        resource,
        authorization_servers: [`${this.url}/resources/${resourceID}`],
        scopes_supported: scopes.split(" "),
      }),
    };
  }

  jwk(kid: string): Members {
    const key = this.published.find((published) => published.kid === kid);
    return { ...key?.public.export({ format: "jwk" }), kid, use: "sig", alg: "RS256" };
  }

  header(replace: Members = {}): string {
    return JSON.stringify({ alg: "RS256", typ: "at+jwt", kid: this.published.at(-1)?.kid, ...replace });
  }

  claims(replace: Members = {}): string {
    const now = Math.floor(Date.now() / 1000);
    return JSON.stringify({
      iss: this.url,
      aud: [resourceID],
      sub: "usr_1",
      client_id: "skc_1",
      oid: "org_1",
      scope: scopes,
      iat: now,
      exp: now + 300,
      ...replace,
    });
  }

  mint(claims: Members = {}, header: Members = {}): string {
    return this.sign(this.header(header), this.claims(claims));
  }

  sign(header: string, claims: string): string {
    const signed = `${encode(header)}.${encode(claims)}`;
    const key = this.published.at(-1)?.private ?? "";
    return `${signed}.${createSign("RSA-SHA256").update(signed).sign(key, "base64url")}`;
  }
}

export function encode(text: string): string {
  return Buffer.from(text).toString("base64url");
}

const pairs: ReturnType<typeof generate>[] = [];

/** Making a key takes long: all tests of a process share them. */
function keyPair(n: number): ReturnType<typeof generate> {
  pairs[n] ??= generate();
  return pairs[n];
}

function generate() {
  return generateKeyPairSync("rsa", { modulusLength: 2048 });
}

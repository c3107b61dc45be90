import { ScalekitClient } from "@scalekit-sdk/node";
import { type CryptoKey, exportJWK, type JWK } from "jose";

import type { Credentials } from "../config/credentials.js";
import type { Endpoint } from "../config/endpoint.js";

/** Says that the SDK does not accept a token. */
export class Refused extends Error {}

/**
 * The Scalekit SDK, with this server's keys. By itself it would fetch them once, and no others when they change. Nothing
 * that it does here sends a request.
 */
export class SDK {
  private readonly clients = new WeakMap<CryptoKey, ScalekitClient>();

  private readonly config: Pick<Endpoint, "environmentURL" | "issuers" | "audiences">;
  private readonly credentials: Credentials;

  constructor(config: Pick<Endpoint, "environmentURL" | "issuers" | "audiences">, credentials: Credentials) {
    this.config = config;
    this.credentials = credentials;
  }

  /** Throws Refused unless the SDK accepts the token as signed with key, whose id is kid. */
  async validate(token: string, kid: string, key: CryptoKey): Promise<void> {
    const client = this.clients.get(key) ?? (await this.connect(kid, key));
    const { issuers, audiences } = this.config;
    try {
      // It is typed as one issuer, and hands on to its library what it gets.
      await client.validateToken(token, { issuer: issuers as unknown as string, audience: audiences });
    } catch {
      throw new Refused("refused by the Scalekit SDK");
    }
  }

  /** Makes a client that knows one key: while a client validates a token, nobody changes its keys. */
  private async connect(kid: string, key: CryptoKey): Promise<ScalekitClient> {
    const { clientID, clientSecret } = this.credentials;
    const jwk = { ...(await exportJWK(key)), kid, alg: "RS256", use: "sig" };
    const client = new ScalekitClient(this.config.environmentURL, clientID, clientSecret);
    const { coreClient } = client as unknown as { coreClient: { keys: JWK[] } }; // where it keeps what it has fetched
    coreClient.keys = [jwk];
    this.clients.set(key, client);
    return client;
  }
}

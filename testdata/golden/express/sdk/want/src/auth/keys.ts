import { type CryptoKey, importJWK, type JWK } from "jose";

import type { Logger } from "../log.js";

const refreshEvery = 300_000; // ms between background refreshes: how long a withdrawn key lives
export const fetchFloor = 5_000; // ms, the least time between two fetches, whoever asks
const fetchTimeout = 5_000; // ms
const fetchWait = 2_000; // ms that one request waits for a fetch
const maxWaiting = 128; // requests that wait for one at a time: their tokens are not verified yet
const maxKeySet = 256 << 10; // bytes
const minModulus = 2048; // bits, RFC 7518 section 3.3

export class UnknownKey extends Error {}
export class KeysUnavailable extends Error {}

/**
 * The authorization server's key set (RFC 7517), held in memory. A lookup of a known key never waits; an unknown one
 * causes a fetch, at most one per floor interval. When a fetch fails the last good set stays.
 */
export class Keys {
  private current = new Map<string, CryptoKey>();
  private flight: Promise<void> | undefined;
  private started = -Infinity; // when the latest fetch was
  private failed = true; // the latest fetch that ended
  private waiting = 0;
  private timer: NodeJS.Timeout | undefined;

  private readonly url: string;
  private readonly log: Logger;
  private readonly now: () => number; // ms, on a clock that nobody sets

  constructor(url: string, log: Logger, now = () => performance.now()) {
    this.url = url;
    this.log = log;
    this.now = now;
  }

  /** Keeps the set fresh until stop is called: every five minutes, and every floor interval while fetches fail. */
  start(): void {
    void (this.fetch() ?? Promise.resolve()).then(() => {
      this.timer = setTimeout(() => this.start(), this.failed ? fetchFloor : refreshEvery).unref();
    });
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  /** Returns the key named kid. Throws UnknownKey when there is none, KeysUnavailable when that cannot be known now. */
  async lookup(kid: string): Promise<CryptoKey> {
    const known = this.current.get(kid);
    if (known !== undefined) {
      return known;
    }
    const flight = this.fetch();
    if (flight !== undefined) {
      await this.wait(flight);
    }
    const fetched = this.current.get(kid);
    if (fetched !== undefined) {
      return fetched;
    }
    throw this.failed ? new KeysUnavailable("the keys cannot be fetched") : new UnknownKey("unknown key");
  }

  private async wait(flight: Promise<void>): Promise<void> {
    if (this.waiting >= maxWaiting) {
      throw new KeysUnavailable("too many requests wait for the keys");
    }
    this.waiting++;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new KeysUnavailable("fetching the keys takes too long")), fetchWait);
    });
    try {
      await Promise.race([flight, late]);
    } finally {
      clearTimeout(timer);
      this.waiting--;
    }
  }

  /** Returns the fetch under way, after starting one if the floor permits; undefined if it does not. */
  private fetch(): Promise<void> | undefined {
    if (this.flight === undefined && this.now() - this.started >= fetchFloor) {
      this.started = this.now();
      this.flight = this.download()
        .then((keys) => {
          this.current = keys;
          this.failed = false;
        })
        .catch((error: unknown) => {
          this.failed = true;
          this.log.warn("fetching the keys failed", { url: this.url, error: String(error) });
        })
        .finally(() => {
          this.flight = undefined;
        });
    }
    return this.flight;
  }

  private async download(): Promise<Map<string, CryptoKey>> {
    const response = await fetch(this.url, { redirect: "error", signal: AbortSignal.timeout(fetchTimeout) });
    if (response.status !== 200 || response.body === null) {
      await response.body?.cancel();
      throw new Error(`status ${response.status}`);
    }
    return parseKeySet(await readBody(response.body.getReader()));
  }
}

async function readBody(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let body = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    body += decoder.decode(part.value, { stream: true });
    if (body.length > maxKeySet) {
      await reader.cancel();
      throw new Error(`more than ${maxKeySet} bytes`);
    }
  }
  return body + decoder.decode();
}

/** Returns the RS256 signature keys of a JWK set by their id. Keys for other uses, and weak ones, are left out. */
async function parseKeySet(body: string): Promise<Map<string, CryptoKey>> {
  const set = JSON.parse(body) as { keys?: unknown } | null;
  if (!Array.isArray(set?.keys)) {
    throw new Error("not a JWK set");
  }
  const keys = new Map<string, CryptoKey>();
  for (const jwk of set.keys as (JWK | null)[]) {
    if (jwk?.kty !== "RSA" || !jwk.kid || (jwk.use ?? "sig") !== "sig" || (jwk.alg ?? "RS256") !== "RS256") {
      continue;
    }
    const key = await importKey(jwk);
    if (key !== undefined) {
      keys.set(jwk.kid, key);
    }
  }
  return keys;
}

async function importKey({ n = "", e = "" }: JWK): Promise<CryptoKey | undefined> {
  if (Buffer.byteLength(n, "base64url") * 8 < minModulus) {
    return undefined;
  }
  try {
    return (await importJWK({ kty: "RSA", n, e }, "RS256")) as CryptoKey;
  } catch {
    return undefined; // what cannot be read verifies no token
  }
}

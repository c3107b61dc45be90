import { readFileSync } from "node:fs";
import { isIP } from "node:net";

import { type Level, levels } from "../log.js";
import { type Metadata, readMetadata, resourceIDs } from "./metadata.js";
import { Problems } from "./problems.js";
import { isLoopback, secureURL, trimSlash } from "./urls.js";

/** The server's settings, checked. loadConfig is the only way to make them. */
export interface Config {
  port: number;
  host: string;
  loopback: boolean; // host accepts connections from this machine only
  tls: { cert: Buffer; key: Buffer } | undefined;
  logLevel: Level;
  environmentURL: string; // Scalekit environment, without a trailing slash
  issuers: string[]; // values of iss that are accepted
  audiences: string[]; // values of which aud must hold one
  resource: URL; // that people type into an MCP client
  metadata: string; // protected resource metadata (RFC 9728), served as it is
  allowedOrigins: string[]; // browser origins allowed besides the server's own
  maxBodyBytes: number; // default 256 KiB
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the settings of a server whose MCP endpoint is at mcpPath.
 * Throws an error that lists every problem, one a line, each with the variable to change.
 */
export function loadConfig(env: Environment, mcpPath: string): Config {
  const problems = new Problems();
  const get = (name: string) => env[name] ?? "";
  const port = readNumber("PORT", get("PORT") || "3002", 65535, "a port: use a number from 1 to 65535", problems);
  const host = readHost(get("HOST") || "127.0.0.1", problems);
  const tls = readTLS(get("TLS_CERT_FILE"), get("TLS_KEY_FILE"), problems);
  const environmentURL = readEnvironmentURL(get("SK_ENV_URL"), problems);
  const metadata = readMetadata(get("PROTECTED_RESOURCE_METADATA"), problems);
  const config = {
    port,
    host,
    loopback: isLoopback(host),
    tls,
    logLevel: readLevel(get("LOG_LEVEL") || "info", problems),
    environmentURL,
    allowedOrigins: readOrigins(get("ALLOWED_ORIGINS"), problems),
    maxBodyBytes: readNumber(
      "MAX_BODY_BYTES",
      get("MAX_BODY_BYTES") || "262144",
      Number.MAX_SAFE_INTEGER,
      "a number of bytes: use a whole number from 1",
      problems,
    ),
  };
  if (metadata === undefined) {
    if (get("EXPECTED_AUDIENCE") === "") {
      problems.add("EXPECTED_AUDIENCE", audienceHelp);
    }
    throw problems.error();
  }
  checkResource(metadata.resource, port, tls !== undefined, mcpPath, problems);
  const issuers = readIssuers(environmentURL, metadata.authorizationServers, problems);
  const audiences = readAudiences(get("EXPECTED_AUDIENCE"), metadata, problems);
  if (problems.found.length > 0) {
    throw problems.error();
  }
  return { ...config, issuers, audiences, resource: metadata.resource, metadata: metadata.document };
}

function readNumber(name: string, value: string, max: number, what: string, problems: Problems): number {
  const number = /^\d{1,16}$/.test(value) ? Number(value) : 0;
  if (number < 1 || number > max) {
    problems.add(name, `${JSON.stringify(value)} is not ${what}`);
  }
  return number;
}

function readHost(value: string, problems: Problems): string {
  if (value !== "localhost" && isIP(value) === 0) {
    problems.add("HOST", `${JSON.stringify(value)} is not an IP address: use 127.0.0.1 for this machine only, 0.0.0.0 for all interfaces`);
  }
  return value;
}

function readLevel(value: string, problems: Problems): Level {
  const level = levels.find((known) => known === value.toLowerCase());
  if (level === undefined) {
    problems.add("LOG_LEVEL", `${JSON.stringify(value)} is not a level: use debug, info, warn or error`);
  }
  return level ?? "info";
}

function readTLS(certFile: string, keyFile: string, problems: Problems): Config["tls"] {
  const name = "TLS_CERT_FILE, TLS_KEY_FILE";
  if ((certFile === "") !== (keyFile === "")) {
    problems.add(name, "set both, or neither for plain HTTP");
  }
  if (certFile === "" || keyFile === "") {
    return undefined;
  }
  try {
    return { cert: readFileSync(certFile), key: readFileSync(keyFile) };
  } catch (error) {
    problems.add(name, `${(error as Error).message}: use a certificate and its key, both in PEM`);
    return undefined;
  }
}

function readEnvironmentURL(value: string, problems: Problems): string {
  if (value === "") {
    problems.add("SK_ENV_URL", "not set: copy the environment URL from the Scalekit dashboard, Settings > API credentials");
    return "";
  }
  try {
    secureURL(value);
    return trimSlash(value);
  } catch (error) {
    problems.add("SK_ENV_URL", `${(error as Error).message}: use https://<environment>.scalekit.com`);
    return "";
  }
}

function readOrigins(value: string, problems: Problems): string[] {
  const origins = value
    .split(",")
    .map((field) => field.trim())
    .filter((field) => field !== "");
  for (const origin of origins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin.toLowerCase()) {
      problems.add(
        "ALLOWED_ORIGINS",
        `${JSON.stringify(origin)} is not an origin: use scheme://host, or scheme://host:port where the port is not the default, comma separated`,
      );
    }
  }
  return origins.map((origin) => origin.toLowerCase());
}

/** Reports where the public URL and the address that is served disagree. */
function checkResource(resource: URL, port: number, tls: boolean, mcpPath: string, problems: Problems): void {
  const name = "PROTECTED_RESOURCE_METADATA";
  if (trimSlash(resource.pathname) !== trimSlash(mcpPath)) {
    problems.add(
      name,
      `resource "${resource.href}" has the path "${resource.pathname}", but this server answers MCP at "${mcpPath}": register the URL with that path in Scalekit`,
    );
  }
  if (!isLoopback(resource.hostname)) {
    return; // a proxy in front may use another port and end TLS
  }
  const publicPort = resource.port || (resource.protocol === "https:" ? "443" : "80");
  if (port !== 0 && publicPort !== String(port)) {
    problems.add(name, `resource "${resource.href}" has port ${publicPort}, but PORT is ${port}: make them equal`);
  }
  const scheme = tls ? "https:" : "http:";
  if (resource.protocol !== scheme) {
    problems.add(
      name,
      `resource "${resource.href}" is ${resource.protocol.slice(0, -1)}, but this server would speak ${scheme.slice(0, -1)}: set or unset TLS_CERT_FILE and TLS_KEY_FILE`,
    );
  }
}

/**
 * Both forms of iss that Scalekit uses: the environment, and the authorization server of this resource. A token
 * carries one or the other.
 */
function readIssuers(environmentURL: string, servers: string[], problems: Problems): string[] {
  for (const server of servers) {
    if (environmentURL !== "" && server !== environmentURL && !server.startsWith(`${environmentURL}/`)) {
      problems.add(
        "SK_ENV_URL",
        `"${environmentURL}" is not the environment of the authorization server "${server}" in PROTECTED_RESOURCE_METADATA: use one environment for both`,
      );
    }
  }
  return [environmentURL, ...servers];
}

const audienceHelp = "not set: use the Server URL that is registered in Scalekit, exactly, or the res_… id of the MCP server";

/**
 * The values that bind a token to this server: the Server URL, with and without one trailing slash, and the res_… id
 * that Scalekit puts into every token.
 */
function readAudiences(expected: string, metadata: Metadata, problems: Problems): string[] {
  const name = "EXPECTED_AUDIENCE";
  const ids = resourceIDs(metadata);
  if (ids.includes(expected)) {
    return ids;
  }
  if (expected === "") {
    problems.add(name, audienceHelp);
  } else if (expected.startsWith("res_")) {
    problems.add(name, `"${expected}" is not the id in authorization_servers: use one MCP server's values for both`);
  } else if (trimSlash(expected) !== trimSlash(metadata.resource.href)) {
    problems.add(
      name,
      `"${expected}" is not the resource "${metadata.resource.href}" of PROTECTED_RESOURCE_METADATA: use the Server URL registered in Scalekit for both`,
    );
  }
  return [...ids, trimSlash(expected), `${trimSlash(expected)}/`];
}

import { readFileSync } from "node:fs";
import { isIP } from "node:net";

import { type Level, levels } from "../log.js";
import { type Endpoint, type Environment, readEndpoint, readNumber } from "./endpoint.js";
import { Problems } from "./problems.js";
import { isLoopback } from "./urls.js";

/** The server's settings, checked. loadConfig is the only way to make them. */
export interface Config extends Endpoint {
  port: number;
  host: string;
  tls: { cert: Buffer; key: Buffer } | undefined;
  logLevel: Level;
}

/**
 * Reads the settings of a server whose MCP endpoint is at mcpPath.
 * Throws an error that lists every problem, one a line, each with the variable to change; those found before among them.
 */
export function loadConfig(env: Environment, mcpPath: string, problems = new Problems()): Config {
  const get = (name: string) => env[name] ?? "";
  const port = readNumber("PORT", get("PORT") || "3002", 65535, "a port: use a number from 1 to 65535", problems);
  const host = readHost(get("HOST") || "127.0.0.1", problems);
  const tls = readTLS(get("TLS_CERT_FILE"), get("TLS_KEY_FILE"), problems);
  const logLevel = readLevel(get("LOG_LEVEL") || "info", problems);
  const endpoint = readEndpoint(env, mcpPath, problems);
  if (endpoint !== undefined) {
    checkAddress(endpoint.resource, port, tls !== undefined, problems);
  }
  if (endpoint === undefined || problems.found.length > 0) {
    throw problems.error();
  }
  return { ...endpoint, loopback: isLoopback(host), port, host, tls, logLevel };
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

/** Reports where the public URL and the address that is served disagree. */
function checkAddress(resource: URL, port: number, tls: boolean, problems: Problems): void {
  const name = "PROTECTED_RESOURCE_METADATA";
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

import type { ServerResponse } from "node:http";

/**
 * The answer to a request that may not be served (RFC 6750 section 3). Its texts are fixed: they hold nothing of the
 * token, and nothing that a caller sent.
 */
export interface Challenge {
  status: number;
  error?: string; // for the header; absent where the request had no token
  description: string;
}

export function sendChallenge(response: ServerResponse, challenge: Challenge, metadataURL: string): void {
  response.statusCode = challenge.status;
  if (challenge.status === 503) {
    response.setHeader("Retry-After", "5");
  } else {
    response.setHeader("WWW-Authenticate", header(challenge, metadataURL));
  }
  response.setHeader("Content-Type", "application/json");
  response.setHeader("Cache-Control", "no-store");
  const error = challenge.error ?? (challenge.status === 503 ? "service_unavailable" : "unauthorized");
  response.end(JSON.stringify({ error, error_description: challenge.description }));
}

function header(challenge: Challenge, metadataURL: string): string {
  const params = ['realm="OAuth"'];
  if (challenge.error !== undefined) {
    params.push(`error="${challenge.error}"`, `error_description="${challenge.description}"`);
  }
  return `Bearer ${[...params, `resource_metadata="${metadataURL}"`].join(", ")}`;
}

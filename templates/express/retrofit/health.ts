import type { ServerResponse } from "node:http";

/**
 * Says that the server is healthy in place of an answer that nothing was found. Whether a program has a /health of its own
 * only shows when it is asked.
 */
export function answerIfMissing(response: ServerResponse): void {
  const own = { writeHead: response.writeHead, write: response.write, end: response.end };
  const decide =
    (name: keyof typeof own) =>
    (...args: unknown[]) => {
      Object.assign(response, own);
      const status = name === "writeHead" ? args[0] : response.statusCode;
      if (status !== 404 && status !== 405) {
        return Reflect.apply(response[name], response, args) as unknown;
      }
      sayHealthy(response);
      Object.assign(response, { writeHead: () => response, write: () => true, end: () => response });
      return name === "write" ? true : response;
    };
  Object.assign(response, { writeHead: decide("writeHead"), write: decide("write"), end: decide("end") });
}

function sayHealthy(response: ServerResponse): void {
  for (const name of response.getHeaderNames()) {
    response.removeHeader(name);
  }
  const body = JSON.stringify({ status: "healthy" });
  response.statusCode = 200;
  response.statusMessage = ""; // that of the status
  response.setHeader("Content-Type", "application/json; charset=utf-8");
  response.setHeader("Content-Length", body.length);
  response.end(response.req.method === "HEAD" ? undefined : body);
}

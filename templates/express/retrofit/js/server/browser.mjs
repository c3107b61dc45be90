import { isLoopback } from "../config/urls.mjs";

const allowMethods = "POST, OPTIONS";
const allowHeaders = "Authorization, Content-Type, Accept, Mcp-Protocol-Version, Mcp-Session-Id, Mcp-Method, Mcp-Name, Last-Event-ID";
const exposeHeaders = "WWW-Authenticate, Mcp-Session-Id";

/**
 * Refuses requests that scripts of foreign origins make, and answers the preflights of the others (MCP 2026-07-28,
 * Streamable HTTP, security warning). It stands before authentication.
 */
export function checkOrigin(config, log) {
  const allowed = [config.resource.origin, ...config.allowedOrigins];
  return (request, response, next) => {
    response.vary("Origin");
    const origins = request.headersDistinct.origin;
    if (origins === undefined) {
      next();
      return;
    }
    const [origin = ""] = origins;
    if (origins.length > 1 || !(allowed.includes(origin) || (config.loopback && isLoopbackOrigin(origin)))) {
      log.info("request refused", { status: 403, reason: "origin not allowed" });
      response.status(403).send("origin not allowed");
      return;
    }
    response.setHeader("Access-Control-Allow-Origin", origin);
    response.setHeader("Access-Control-Expose-Headers", exposeHeaders);
    if (request.method !== "OPTIONS" || request.headers["access-control-request-method"] === undefined) {
      next();
      return;
    }
    response.setHeader("Access-Control-Allow-Methods", allowMethods);
    response.setHeader("Access-Control-Allow-Headers", allowHeaders);
    response.setHeader("Access-Control-Max-Age", "600");
    response.status(204).end();
  };
}

function isLoopbackOrigin(origin) {
  return /^https?:/.test(origin) && URL.canParse(origin) && new URL(origin).origin === origin && isLoopback(new URL(origin).hostname);
}

/**
 * Protects a server that is bound to loopback from DNS rebinding: it answers to loopback names and to its public name,
 * which a proxy on the same machine passes on.
 */
export function checkHost(config, log) {
  return (request, response, next) => {
    const url = `http://${request.headers.host ?? ""}`;
    const host = URL.canParse(url) ? new URL(url).hostname : "";
    if (config.loopback && !isLoopback(host) && host !== config.resource.hostname) {
      log.info("request refused", { status: 403, reason: "host not allowed" });
      response.status(403).send("host not allowed");
      return;
    }
    next();
  };
}

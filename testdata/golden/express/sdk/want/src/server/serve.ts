import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTLSServer } from "node:https";

import type { Config } from "../config/config.js";
import type { Logger } from "../log.js";

const shutdownGrace = 10_000; // ms

const limits = {
  maxHeaderSize: 16 << 10, // bytes
  headersTimeout: 5_000, // ms, as all of these
  requestTimeout: 30_000,
  keepAliveTimeout: 120_000,
  connectionsCheckingInterval: 1_000,
};

/** Serves listener until signal aborts, then lets the requests in flight finish. */
export async function serve(config: Config, listener: RequestListener, log: Logger, signal: AbortSignal): Promise<void> {
  const server: Server = config.tls ? createTLSServer({ ...limits, ...config.tls }, listener) : createServer(limits, listener);
  server.listen(config.port, config.host);
  await once(server, "listening");
  log.info("listening", { address: `${config.host}:${config.port}`, mcp: config.resource.href });
  if (!signal.aborted) {
    await once(signal, "abort");
  }
  log.info("shutting down");
  const closed = once(server, "close");
  server.close();
  const idle = setInterval(() => server.closeIdleConnections(), 100); // those that have just got their answer, too
  const late = setTimeout(() => {
    log.warn("requests were still in flight", { after_ms: shutdownGrace });
    server.closeAllConnections();
  }, shutdownGrace);
  await closed;
  clearInterval(idle);
  clearTimeout(late);
}

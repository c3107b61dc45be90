import { Keys } from "./auth/keys.js";
import { Verifier } from "./auth/token.js";
import { loadConfig } from "./config/config.js";
import { readEnvironment } from "./config/environment.js";
import { createLogger } from "./log.js";
import { createApp } from "./server/app.js";
import { serve } from "./server/serve.js";
import { createTools } from "./tools/tools.js";

const name = "Grüße aus Zürich 🚀 你好";
const version = "0.1.0";
const mcpPath = "/mcp";

async function main(): Promise<void> {
  const config = loadConfig(readEnvironment(".env", process.env), mcpPath);
  const log = createLogger(config.logLevel);
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => stop.abort()); // a second one ends the process at once
  }
  const keys = new Keys(`${config.environmentURL}/keys`, log);
  keys.start();
  const verifier = new Verifier(keys, config.issuers, config.audiences);
  const app = createApp(config, mcpPath, verifier, () => createTools(name, version), log);
  await serve(config, app, log, stop.signal);
  keys.stop();
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});

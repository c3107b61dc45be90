import { type Config, loadConfig } from "./config.js";
import type { Environment } from "./endpoint.js";
import { Problems } from "./problems.js";

/** API credentials, which the Scalekit SDK wants to have. */
export interface Credentials {
  clientID: string;
  clientSecret: string;
}

/** Reads the settings, as loadConfig does, and the credentials. What is wrong with either is reported together. */
export function loadWithCredentials(env: Environment, mcpPath: string): { config: Config; credentials: Credentials } {
  const problems = new Problems();
  const required = (name: string): string => {
    const value = env[name] ?? "";
    if (value === "") {
      problems.add(name, "not set: copy it from the Scalekit dashboard, Settings > API credentials");
    }
    return value;
  };
  const credentials = { clientID: required("SK_CLIENT_ID"), clientSecret: required("SK_CLIENT_SECRET") };
  return { config: loadConfig(env, mcpPath, problems), credentials };
}

import type { Environment } from "./endpoint.js";

/** The settings of the endpoint, from the environment. */
export function settings(env: Environment): Environment {
  return env;
}

/** The settings of the endpoint, from the environment. */
export function settings(env) {
  return env;
}

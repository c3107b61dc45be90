/** The settings of the endpoint, from the environment. The program has uses of its own for two of the names. */
export function settings(env) {
  return { ...env, ALLOWED_ORIGINS: env.MCP_ALLOWED_ORIGINS, MAX_BODY_BYTES: env.MCP_MAX_BODY_BYTES };
}

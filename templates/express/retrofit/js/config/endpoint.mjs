import { readMetadata, resourceIDs } from "./metadata.mjs";
import { isLoopback, secureURL, trimSlash } from "./urls.mjs";

/**
 * Reads the settings of an MCP endpoint at mcpPath. It is for this machine only where its public URL is. What is wrong goes
 * into problems; without metadata there is nothing to return.
 */
export function readEndpoint(env, mcpPath, problems) {
  const get = (name) => env[name] ?? "";
  const environmentURL = readEnvironmentURL(get("SK_ENV_URL"), problems);
  const metadata = readMetadata(get("PROTECTED_RESOURCE_METADATA"), problems);
  const allowedOrigins = readOrigins(get("ALLOWED_ORIGINS"), problems);
  const maxBodyBytes = readNumber(
    "MAX_BODY_BYTES",
    get("MAX_BODY_BYTES") || "262144",
    Number.MAX_SAFE_INTEGER,
    "a number of bytes: use a whole number from 1",
    problems,
  );
  if (metadata === undefined) {
    if (get("EXPECTED_AUDIENCE") === "") {
      problems.add("EXPECTED_AUDIENCE", audienceHelp);
    }
    return undefined;
  }
  checkPath(metadata.resource, mcpPath, problems);
  return {
    loopback: isLoopback(metadata.resource.hostname),
    environmentURL,
    issuers: readIssuers(environmentURL, metadata.authorizationServers, problems),
    audiences: readAudiences(get("EXPECTED_AUDIENCE"), metadata, problems),
    resource: metadata.resource,
    metadata: metadata.document,
    allowedOrigins,
    maxBodyBytes,
  };
}

export function readNumber(name, value, max, what, problems) {
  const number = /^\d{1,16}$/.test(value) ? Number(value) : 0;
  if (number < 1 || number > max) {
    problems.add(name, `${JSON.stringify(value)} is not ${what}`);
  }
  return number;
}

function readEnvironmentURL(value, problems) {
  if (value === "") {
    problems.add("SK_ENV_URL", "not set: copy the environment URL from the Scalekit dashboard, Settings > API credentials");
    return "";
  }
  try {
    secureURL(value);
    return trimSlash(value);
  } catch (error) {
    problems.add("SK_ENV_URL", `${error.message}: use https://<environment>.scalekit.com`);
    return "";
  }
}

function readOrigins(value, problems) {
  const origins = value
    .split(",")
    .map((field) => field.trim())
    .filter((field) => field !== "");
  for (const origin of origins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin.toLowerCase()) {
      problems.add(
        "ALLOWED_ORIGINS",
        `${JSON.stringify(origin)} is not an origin: use scheme://host, or scheme://host:port where the port is not the default, comma separated`,
      );
    }
  }
  return origins.map((origin) => origin.toLowerCase());
}

function checkPath(resource, mcpPath, problems) {
  if (trimSlash(resource.pathname) !== trimSlash(mcpPath)) {
    problems.add(
      "PROTECTED_RESOURCE_METADATA",
      `resource "${resource.href}" has the path "${resource.pathname}", but this server answers MCP at "${mcpPath}": register the URL with that path in Scalekit`,
    );
  }
}

/**
 * Both forms of iss that Scalekit uses: the environment, and the authorization server of this resource. A token
 * carries one or the other.
 */
function readIssuers(environmentURL, servers, problems) {
  for (const server of servers) {
    if (environmentURL !== "" && server !== environmentURL && !server.startsWith(`${environmentURL}/`)) {
      problems.add(
        "SK_ENV_URL",
        `"${environmentURL}" is not the environment of the authorization server "${server}" in PROTECTED_RESOURCE_METADATA: use one environment for both`,
      );
    }
  }
  return [environmentURL, ...servers];
}

const audienceHelp = "not set: use the Server URL that is registered in Scalekit, exactly, or the res_… id of the MCP server";

/**
 * The values that bind a token to this server: the Server URL, with and without one trailing slash, and the res_… id
 * that Scalekit puts into every token.
 */
function readAudiences(expected, metadata, problems) {
  const name = "EXPECTED_AUDIENCE";
  const ids = resourceIDs(metadata);
  if (ids.includes(expected)) {
    return ids;
  }
  if (expected === "") {
    problems.add(name, audienceHelp);
  } else if (expected.startsWith("res_")) {
    problems.add(name, `"${expected}" is not the id in authorization_servers: use one MCP server's values for both`);
  } else if (trimSlash(expected) !== trimSlash(metadata.resource.href)) {
    problems.add(
      name,
      `"${expected}" is not the resource "${metadata.resource.href}" of PROTECTED_RESOURCE_METADATA: use the Server URL registered in Scalekit for both`,
    );
  }
  return [...ids, trimSlash(expected), `${trimSlash(expected)}/`];
}

/** The claims of an access token that this server reads. */
export interface Claims {
  issuer: string;
  audience: string[];
  subject: string;
  clientID: string;
  organization: string;
  scopes: string[];
  expires: number; // seconds since 1970
  notBefore: number | undefined;
  issuedAt: number | undefined;
}

/**
 * Parses a JSON object that has each of its members once. JSON.parse alone takes the last of two members with one
 * name, and another reader of the same token may take the first.
 */
export function parseObject(json: string): Record<string, unknown> {
  const value: unknown = JSON.parse(json);
  if (typeof value !== "object" || value === null || Array.isArray(value) || Object.keys(value).length !== countMembers(json)) {
    throw new Error("not an object with distinct members");
  }
  return value as Record<string, unknown>;
}

/** Counts the members of the outermost object of valid JSON: each has one colon. */
function countMembers(json: string): number {
  let depth = 0;
  let members = 0;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]/g)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    else if (token === ":" && depth === 1) members++;
  }
  return members;
}

/** Reads claims strictly: one of the wrong type is an error, never a claim that is left out. */
export function readClaims(json: string): Claims {
  const fields = parseObject(json);
  return {
    issuer: text(fields, "iss"),
    audience: typeof fields.aud === "string" ? [fields.aud] : textList(fields, "aud"),
    subject: text(fields, "sub"),
    clientID: text(fields, "client_id"),
    organization: text(fields, "oid") || text(fields, "org_id"), // the older name of oid
    // Scalekit puts scopes into the string, the array, or both.
    scopes: [
      ...new Set([
        ...text(fields, "scope")
          .split(" ")
          .filter((scope) => scope !== ""),
        ...textList(fields, "scopes"),
      ]),
    ],
    expires: seconds(fields, "exp") ?? 0,
    notBefore: seconds(fields, "nbf"),
    issuedAt: seconds(fields, "iat"),
  };
}

function text(fields: Record<string, unknown>, name: string): string {
  const value = name in fields ? fields[name] : "";
  if (typeof value !== "string") {
    throw new Error(`${name} is not a string`);
  }
  return value;
}

function textList(fields: Record<string, unknown>, name: string): string[] {
  const value = name in fields ? fields[name] : [];
  if (!Array.isArray(value) || !value.every((entry) => typeof entry === "string")) {
    throw new Error(`${name} is not a list of strings`);
  }
  return value;
}

function seconds(fields: Record<string, unknown>, name: string): number | undefined {
  if (!(name in fields)) {
    return undefined;
  }
  const value = fields[name];
  if (typeof value !== "number" || value < 0 || value > 2 ** 40) {
    throw new Error(`${name} is not a time`);
  }
  return Math.floor(value);
}

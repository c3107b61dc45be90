const wellKnown = "/.well-known/oauth-protected-resource";

/** Where the metadata of resource is found (RFC 9728 section 3.1): derived from the settings, never from a request. */
export function metadataURL(resource) {
  return resource.origin + wellKnown + resource.pathname.replace(/\/$/, "");
}

/** The root location, and the one with the path of resource inserted if it has a path. */
export function metadataPaths(resource) {
  return [...new Set([wellKnown, wellKnown + resource.pathname.replace(/\/$/, "")])];
}

/** Answers with the protected resource metadata. It is public, for scripts of any origin too. */
export function serveMetadata(document) {
  return (request, response) => {
    response.setHeader("Access-Control-Allow-Origin", "*");
    switch (request.method) {
      case "GET":
      case "HEAD":
        response.type("application/json").send(document);
        break;
      case "OPTIONS":
        response.setHeader("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS");
        response.setHeader("Access-Control-Allow-Headers", "*");
        response.status(204).end();
        break;
      default:
        response.setHeader("Allow", "GET, HEAD, OPTIONS");
        response.status(405).end();
    }
  };
}

export const health = (_, response) => {
  response.json({ status: "healthy" });
};

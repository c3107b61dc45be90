export function sendChallenge(response, challenge, metadataURL) {
  response.statusCode = challenge.status;
  if (challenge.status === 503) {
    response.setHeader("Retry-After", "5");
  } else {
    response.setHeader("WWW-Authenticate", header(challenge, metadataURL));
  }
  response.setHeader("Content-Type", "application/json");
  response.setHeader("Cache-Control", "no-store");
  const error = challenge.error ?? (challenge.status === 503 ? "service_unavailable" : "unauthorized");
  response.end(JSON.stringify({ error, error_description: challenge.description }));
}

function header(challenge, metadataURL) {
  const params = ['realm="OAuth"'];
  if (challenge.error !== undefined) {
    params.push(`error="${challenge.error}"`, `error_description="${challenge.description}"`);
  }
  return `Bearer ${[...params, `resource_metadata="${metadataURL}"`].join(", ")}`;
}

import { createHash, randomBytes } from 'node:crypto';

import { launch } from './chromium.mjs';

// An MCP client that is a web page: Chromium lets it see of other origins what CORS allows. The one argument is {"browser": its
// program, "page": the URL of the page, where the login comes back to, and "url": the MCP URL}.
const { browser: executablePath, page: home, url } = JSON.parse(process.argv[2]);

// Runs in the page: finds the authorization server as MCP says, and registers.
async function discover({ home, url }) {
  const json = async (...request) => (await fetch(...request)).json();
  const post = (type, body) => ({ method: 'POST', headers: { 'Content-Type': type, Accept: 'application/json, text/event-stream' }, body });
  const refused = await fetch(url, post('application/json', '{"jsonrpc":"2.0","id":1,"method":"ping"}'));
  const [, metadata] = /resource_metadata="([^"]+)"/.exec(refused.headers.get('WWW-Authenticate'));
  const { resource, authorization_servers: [issuer] } = await json(metadata);
  const { origin, pathname } = new URL(issuer);
  const server = await json(`${origin}/.well-known/oauth-authorization-server${pathname}`);
  const registration = JSON.stringify({ client_name: 'Web page', redirect_uris: [home], token_endpoint_auth_method: 'none' });
  const client = await json(server.registration_endpoint, post('application/json', registration));
  return { status: refused.status, resource, server, client };
}

// Runs in the page: tries what is not for pages. They can send such requests, although they see no answer.
async function intrude(origin) {
  await fetch(`${origin}/dev/requests`, { mode: 'no-cors' });
  await fetch(`${origin}/dev/token`, { mode: 'no-cors', method: 'POST', body: '{}' });
}

// Runs in the page: gets a token for the code, and uses it.
async function use({ url, endpoint, form }) {
  const granted = await (await fetch(endpoint, { method: 'POST', body: new URLSearchParams(form) })).json();
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${granted.access_token}`,
      'Content-Type': 'application/json',
      Accept: 'application/json, text/event-stream',
      'Mcp-Protocol-Version': '2025-11-25',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'greet', arguments: { name: 'Ada' } } }),
  });
  return { scope: granted.scope, status: answer.status, answer: await answer.text() };
}

const browser = await launch(executablePath);
try {
  const page = await browser.newPage();
  const intrusions = [];
  page.on('response', (response) => response.url().includes('/dev/') && intrusions.push(response.status()));
  await page.goto(home);
  const found = await page.evaluate(discover, { home, url });
  await page.evaluate(intrude, new URL(found.server.issuer).origin);

  const verifier = randomBytes(32).toString('base64url');
  const shared = { client_id: found.client.client_id, redirect_uri: home, resource: found.resource };
  const login = new URL(found.server.authorization_endpoint);
  login.search = new URLSearchParams({
    ...shared,
    response_type: 'code',
    scope: 'notes:read',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  await page.goto(login.href);

  const form = { ...shared, grant_type: 'authorization_code', code: new URL(page.url()).searchParams.get('code'), code_verifier: verifier };
  const used = await page.evaluate(use, { url, endpoint: found.server.token_endpoint, form });
  console.log(JSON.stringify({ refused: found.status, intrusions, ...used }));
} finally {
  await browser.close();
}

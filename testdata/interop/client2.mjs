import { auth, Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';

import { main } from './flow.mjs';

const settings = JSON.parse(process.argv[2]);
await main({
  Client,
  Transport: StreamableHTTPClientTransport,
  UnauthorizedError,
  auth,
  settings,
  options: { versionNegotiation: { mode: settings.mode } },
  code: (callback) => callback,
  protocol: (session) => session.client.getNegotiatedProtocolVersion(),
});

import { auth, UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

import { main } from './flow.mjs';

await main({
  Client,
  Transport: StreamableHTTPClientTransport,
  UnauthorizedError,
  auth,
  settings: JSON.parse(process.argv[2]),
  code: (callback) => callback.get('code'),
  protocol: (session) => session.transport.protocolVersion,
});

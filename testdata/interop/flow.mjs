import { Provider } from './provider.mjs';

// A connection that is set up again after each login, as both SDKs want it.
class Session {
  constructor(sdk, url, provider) {
    Object.assign(this, { sdk, url, provider });
  }

  async open() {
    this.transport = new this.sdk.Transport(new URL(this.url), { authProvider: this.provider });
    this.client = new this.sdk.Client({ name: 'interop', version: '1' }, this.sdk.options);
    await this.client.connect(this.transport);
  }

  // Finishes the login that an error calls for. The code goes to the transport whose request was refused, which knows what
  // was asked for; a new one is used from then on.
  async login(error) {
    if (!(error instanceof this.sdk.UnauthorizedError)) throw error;
    await this.transport.finishAuth(this.sdk.code(this.provider.callback));
    await this.transport.close();
    await this.open();
  }

  async call(name, args) {
    const attempt = () => this.client.callTool({ name, arguments: args });
    return attempt().catch((error) => this.login(error).then(attempt));
  }

  // Only a grant of offline_access can be refreshed; a client that does not ask for it unbidden is told to.
  async makeRefreshable() {
    if (this.provider.stored.refresh_token) return;
    const scope = `${this.provider.stored.scope} offline_access`;
    await this.sdk.auth(this.provider, { serverUrl: this.url, scope });
    await this.sdk.auth(this.provider, { serverUrl: this.url, authorizationCode: this.provider.callback.get('code') });
  }
}

// Logs in, uses a tool, steps up to the scopes of another, and refreshes its token; prints what happened as one JSON document.
// The one argument is {"url": the MCP URL, "document": the client's metadata document, if any}, and more for the caller.
export async function main(sdk) {
  const { url, document } = sdk.settings;
  const provider = new Provider(document);
  const session = new Session(sdk, url, provider);
  await session.open().catch((error) => session.login(error));
  const report = { protocol: sdk.protocol(session) };
  report.tools = (await session.client.listTools()).tools.map((tool) => tool.name);
  report.greeting = (await session.call('greet', { name: 'Ada' })).content[0].text;
  report.caller = (await session.call('whoami', {})).structuredContent;

  await session.makeRefreshable();
  report.logins = provider.logins;
  const before = provider.stored.refresh_token;
  provider.stored = { ...provider.stored, access_token: 'worn-out' };
  report.refreshed = (await session.call('whoami', {})).structuredContent;
  report.rotated = before !== provider.stored.refresh_token;
  report.granted = provider.granted;
  await session.client.close();
  console.log(JSON.stringify(report));
}

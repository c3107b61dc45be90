import { randomUUID } from 'node:crypto';

// An OAuth client of either TypeScript SDK that keeps everything in memory. It is its own browser: it reads where the
// authorization server sends the person, which works where nobody is asked.
export class Provider {
  redirectUrl = 'http://127.0.0.1:49152/callback'; // nobody listens there
  logins = [];
  granted = [];

  constructor(clientMetadataUrl) {
    this.clientMetadataUrl = clientMetadataUrl;
  }

  get clientMetadata() {
    return {
      client_name: 'Interop client',
      redirect_uris: [this.redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    };
  }

  state() {
    return (this.expected = randomUUID());
  }

  async redirectToAuthorization(url) {
    const response = await fetch(url, { redirect: 'manual' });
    const location = response.headers.get('location') ?? '';
    if (!location.startsWith(`${this.redirectUrl}?`)) {
      throw new Error(`authorizing: ${response.status} ${location} ${await response.text()}`);
    }
    this.callback = new URL(location).searchParams;
    if (this.callback.get('state') !== this.expected) throw new Error('authorizing: the state is another one');
    this.logins.push({
      client_id: url.searchParams.get('client_id'),
      scope: url.searchParams.get('scope'),
      resource: url.searchParams.get('resource'),
      challenge_method: url.searchParams.get('code_challenge_method'),
      iss: this.callback.get('iss'),
      error: this.callback.get('error'),
    });
  }

  saveTokens(tokens) {
    this.stored = tokens;
    this.granted.push({ scope: tokens.scope, refreshable: Boolean(tokens.refresh_token) });
  }

  tokens = () => this.stored;
  clientInformation = () => this.client;
  saveClientInformation = (client) => void (this.client = client);
  codeVerifier = () => this.verifier;
  saveCodeVerifier = (verifier) => void (this.verifier = verifier);
  discoveryState = () => this.discovery;
  saveDiscoveryState = (discovery) => void (this.discovery = discovery);
}

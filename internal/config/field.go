package config

import (
	"maps"
	"strings"
)

// Kind says how a value is asked for and shown.
type Kind int

const (
	Text   Kind = iota
	Secret      // typed unseen, never shown
	JSON        // may span lines
)

// A Field is one answer that init needs. The table in [Fields] is all that flags, environment,
// answers file, prompts, error messages and the README know of it.
type Field struct {
	Key   string // in the answers file
	Flag  string // without dashes
	Env   string // environment variable; empty for none
	Usage string // of the flag
	Kind  Kind

	Label   string // of the prompt; empty: never asked, the default is taken
	Help    string // where to find the value, one line
	Default func(Answers) string
	// Language is that of the stacks which take this answer. Empty: all do.
	Language string
	// Optional fields may be empty. Others must have a value from a source or from Default.
	Optional bool
	// Check refuses a value by itself; how values fit together is New's matter. Nil accepts everything.
	Check func(value string) error
}

// Answers holds the values found so far, by key. A key that is absent is unanswered; an empty value is an answer.
type Answers map[string]Answer

// An Answer is a value and where it came from, for example "--port" or "SK_ENV_URL".
type Answer struct {
	Value  string
	Source string
}

// Value returns the value of key, empty if there is none.
func (a Answers) Value(key string) string { return a[key].Value }

// WithDefaults returns the answers and the defaults of those that are open.
func (a Answers) WithDefaults() Answers {
	filled := maps.Clone(a)
	for _, f := range Fields() {
		if _, answered := filled[f.Key]; !answered && f.Default != nil {
			filled[f.Key] = Answer{Value: f.Default(filled), Source: "default"}
		}
	}
	return filled
}

// Keys of the answers.
const (
	KeyPort     = "port"
	KeyEnvURL   = "env_url"
	KeyClientID = "client_id"
	KeySecret   = "client_secret_file"
	KeyAudience = "audience"
	KeyMetadata = "metadata"
	KeyMCPPath  = "mcp_path"
	KeyVerifier = "verifier"
	KeyProtect  = "protect"
	KeyScopes   = "scopes"
	KeyName     = "name"
	KeyModule   = "module"
	KeyTLSCert  = "tls_cert_file"
	KeyTLSKey   = "tls_key_file"
)

// Fields returns the answers of init in the order in which they are asked. Defaults look at earlier answers only.
func Fields() []Field {
	return []Field{
		{
			Key: KeyMCPPath, Flag: "mcp-path", Usage: "path of the MCP endpoint (default: the path of the metadata's resource, or /)",
			Default: defaultPath, Check: checkPath,
		},
		{
			Key: KeyPort, Flag: "port", Env: "PORT", Usage: "port to listen on (default 3002)",
			Label: "Port", Help: "The port this server listens on; the Server URL registered in Scalekit names it when you run locally.",
			Default: func(Answers) string { return "3002" }, Check: checkPort,
		},
		{
			Key: KeyEnvURL, Flag: "env-url", Env: "SK_ENV_URL", Usage: "Scalekit environment URL",
			Label: "Scalekit environment URL", Help: "Dashboard > Settings > API credentials, for example https://acme.scalekit.com",
			Check: checkEnvURL,
		},
		{
			Key: KeyClientID, Flag: "client-id", Env: "SK_CLIENT_ID", Usage: "Scalekit API client id; the server runs without it",
			Label: "Scalekit client id (may be empty)", Help: "Dashboard > Settings > API credentials, skc_…; checking tokens does not need it.",
			Optional: true, Check: checkClientID,
		},
		{
			Key: KeySecret, Flag: "client-secret-file", Env: "SK_CLIENT_SECRET", Kind: Secret,
			Usage: "file with the Scalekit API client secret, - for stdin; the server runs without it",
			Label: "Scalekit client secret (may be empty)", Help: "Dashboard > Settings > API credentials; written to .env only, and not shown here.",
			Optional: true, Check: checkSecret,
		},
		{
			Key: KeyAudience, Flag: "audience", Env: "EXPECTED_AUDIENCE", Usage: "Server URL registered in Scalekit, or the res_… id (default http://localhost:PORT/)",
			Label: "Expected audience", Help: "Dashboard > MCP Servers > your server > Server URL, exactly as registered, or its res_… id.",
			Default: defaultAudience, Check: checkAudience,
		},
		{
			Key: KeyMetadata, Flag: "metadata", Env: "PROTECTED_RESOURCE_METADATA", Kind: JSON,
			Usage: "protected resource metadata: JSON, @FILE, or - for stdin",
			Label: "Protected resource metadata", Help: "Dashboard > MCP Servers > your server > Metadata JSON.",
			Check: checkMetadata,
		},
		{
			Key: KeyScopes, Flag: "scopes", Usage: "scopes that the sample protected tool requires, comma separated (default: the first of the metadata's scopes_supported, or profile:read)",
			Default: defaultScopes, Check: checkScopes,
		},
		{
			Key: KeyName, Flag: "name", Usage: "name that the server gives MCP clients (default: the base of DIR)",
			Check: checkName,
		},
		{
			Key: KeyModule, Flag: "module", Usage: "for the stack go: module path (default example.com/ and the base of DIR)", Language: "go",
			Default: defaultModule, Check: checkModule,
		},
		{
			Key: KeyVerifier, Flag: "verifier", Env: "MCPAUTH_VERIFIER",
			Usage:   "what checks tokens: jwks, which needs Scalekit's public keys, or sdk, the Scalekit SDK, which needs API credentials (default jwks)",
			Default: first(verifiers), Check: oneOf(verifiers),
		},
		{
			Key: KeyProtect, Flag: "protect", Env: "MCPAUTH_PROTECT",
			Usage:   "what needs a token: mcp, or all routes but the public ones (default mcp)",
			Default: first(protections), Check: oneOf(protections),
		},
		{Key: KeyTLSCert, Flag: "tls-cert-file", Env: "TLS_CERT_FILE", Usage: "certificate file, for a server that speaks TLS itself", Optional: true, Check: checkFile},
		{Key: KeyTLSKey, Flag: "tls-key-file", Env: "TLS_KEY_FILE", Usage: "key file of --tls-cert-file", Optional: true, Check: checkFile},
	}
}

// What a question with few answers can be answered with, the default first.
const (
	verifiers   = "jwks sdk"
	protections = "mcp all"
)

func first(choices string) func(Answers) string {
	return func(Answers) string { return strings.Fields(choices)[0] }
}

// defaultPath is the path of the resource when the metadata is known already.
func defaultPath(a Answers) string {
	if m, err := parseMetadata(a.Value(KeyMetadata)); err == nil && trimSlash(m.resource.Path) != "" {
		return trimSlash(m.resource.Path)
	}
	return "/"
}

// defaultAudience is the resource when the metadata is known already.
func defaultAudience(a Answers) string {
	if m, err := parseMetadata(a.Value(KeyMetadata)); err == nil {
		return m.resource.String()
	}
	return localURL(a)
}

// localURL is the MCP URL of a server that runs on the person's machine.
func localURL(a Answers) string {
	scheme := "http"
	if a.Value(KeyTLSCert) != "" {
		scheme = "https"
	}
	return scheme + "://localhost:" + a.Value(KeyPort) + a.Value(KeyMCPPath)
}

// defaultModule stands for the module path where a stack has none: Config.Slug is made of it.
func defaultModule(a Answers) string { return "example.com/" + slug(a.Value(KeyName)) }

const sampleScope = "profile:read"

func defaultScopes(a Answers) string {
	if m, err := parseMetadata(a.Value(KeyMetadata)); err == nil && len(m.scopes) > 0 {
		return m.scopes[0]
	}
	return sampleScope
}

package config

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"log/slog"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

type environment map[string]string

// with is a good environment with some values replaced.
func with(replace environment) func(string) string {
	values := environment{
		"SK_ENV_URL":                  "https://acme.scalekit.com",
		"SK_CLIENT_SECRET":            "test_secret",
		"EXPECTED_AUDIENCE":           "https://mcp.example.com/mcp",
		"PROTECTED_RESOURCE_METADATA": metadataOf("https://mcp.example.com/mcp"),
	}
	maps.Copy(values, replace)
	return func(name string) string { return values[name] }
}

func metadataOf(resource string) string {
	return `{"resource":"` + resource + `","authorization_servers":["https://acme.scalekit.com/resources/res_1"]}`
}

// keyPair returns files with a certificate and its key.
func keyPair(t *testing.T) (cert, key string) {
	t.Helper()
	sample := httptest.NewTLSServer(nil)
	defer sample.Close()
	cert, key = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	der, err := x509.MarshalPKCS8PrivateKey(sample.TLS.Certificates[0].PrivateKey)
	if err := errors.Join(err,
		os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: sample.Certificate().Raw}), 0o600),
		os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600),
	); err != nil {
		t.Fatal(err)
	}
	return cert, key
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	got, err := Load(with(nil), "/mcp")
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Addr:           "127.0.0.1:3002",
		Loopback:       true,
		LogLevel:       slog.LevelInfo,
		EnvironmentURL: "https://acme.scalekit.com",
		Issuers:        []string{"https://acme.scalekit.com", "https://acme.scalekit.com/resources/res_1"},
		Audiences:      []string{"res_1", "https://mcp.example.com/mcp", "https://mcp.example.com/mcp/"},
		Resource:       got.Resource,
		Metadata:       []byte(metadataOf("https://mcp.example.com/mcp")),
		MaxBodyBytes:   256 << 10,
	}
	if !reflect.DeepEqual(got, want) || got.Resource.String() != "https://mcp.example.com/mcp" {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestGoodValues(t *testing.T) {
	t.Parallel()
	cert, key := keyPair(t)
	for _, test := range []struct {
		name    string
		env     environment
		mcpPath string
		want    func(Config) bool
	}{
		{"another address", environment{"HOST": "0.0.0.0", "PORT": "80"}, "/mcp",
			func(c Config) bool { return c.Addr == "0.0.0.0:80" && !c.Loopback }},
		{"IPv6 loopback", environment{"HOST": "::1"}, "/mcp",
			func(c Config) bool { return c.Addr == "[::1]:3002" && c.Loopback }},
		{"localhost", environment{"HOST": "localhost"}, "/mcp", func(c Config) bool { return c.Loopback }},
		{"log level", environment{"LOG_LEVEL": "debug"}, "/mcp", func(c Config) bool { return c.LogLevel == slog.LevelDebug }},
		{"body limit", environment{"MAX_BODY_BYTES": "1000"}, "/mcp", func(c Config) bool { return c.MaxBodyBytes == 1000 }},
		{"origins", environment{"ALLOWED_ORIGINS": " https://a.example, ,http://B.example:8080"}, "/mcp", func(c Config) bool {
			return reflect.DeepEqual(c.AllowedOrigins, []string{"https://a.example", "http://b.example:8080"})
		}},
		{"TLS", environment{"TLS_CERT_FILE": cert, "TLS_KEY_FILE": key}, "/mcp",
			func(c Config) bool { return c.TLSCert == cert && c.TLSKey == key }},
		{"slash after the environment", environment{"SK_ENV_URL": "https://acme.scalekit.com/"}, "/mcp",
			func(c Config) bool { return c.EnvironmentURL == "https://acme.scalekit.com" }},
		{"audience is the id", environment{"EXPECTED_AUDIENCE": "res_1"}, "/mcp",
			func(c Config) bool { return reflect.DeepEqual(c.Audiences, []string{"res_1"}) }},
		{"audience with a slash", environment{"EXPECTED_AUDIENCE": "https://mcp.example.com/mcp/"}, "/mcp", func(c Config) bool {
			return reflect.DeepEqual(c.Audiences, []string{"res_1", "https://mcp.example.com/mcp", "https://mcp.example.com/mcp/"})
		}},
		{"path with a slash", nil, "/mcp/", func(c Config) bool { return c.Resource.Path == "/mcp" }},
		{"loopback", environment{"EXPECTED_AUDIENCE": "http://localhost:3002/", "PROTECTED_RESOURCE_METADATA": metadataOf("http://localhost:3002/")}, "/",
			func(c Config) bool { return c.Resource.Host == "localhost:3002" }},
		{"single quotes kept by docker", environment{"PROTECTED_RESOURCE_METADATA": "'" + metadataOf("https://mcp.example.com/mcp") + "'"}, "/mcp",
			func(c Config) bool { return string(c.Metadata) == metadataOf("https://mcp.example.com/mcp") }},
		{"double quotes kept by docker", environment{"PROTECTED_RESOURCE_METADATA": `"` + metadataOf("https://mcp.example.com/mcp") + `"`}, "/mcp",
			func(c Config) bool { return string(c.Metadata) == metadataOf("https://mcp.example.com/mcp") }},
		{"fields not known here", environment{"PROTECTED_RESOURCE_METADATA": "{ \"x\": [1.50, \"é&\"],\n" + metadataOf("https://mcp.example.com/mcp")[1:]}, "/mcp",
			func(c Config) bool {
				return string(c.Metadata) == `{"x":[1.50,"é&"],`+metadataOf("https://mcp.example.com/mcp")[1:]
			}},
	} {
		c, err := Load(with(test.env), test.mcpPath)
		if err != nil || !test.want(c) {
			t.Errorf("%s: got %+v, %v", test.name, c, err)
		}
	}
}

func TestBadValues(t *testing.T) {
	t.Parallel()
	const meta = "PROTECTED_RESOURCE_METADATA"
	cert, key := keyPair(t)
	local := environment{"EXPECTED_AUDIENCE": "http://localhost:3002/mcp", meta: metadataOf("http://localhost:3002/mcp")}
	for _, test := range []struct {
		env  environment
		want string // start of the one problem
	}{
		{environment{"PORT": "0"}, `PORT: "0" is not a port`},
		{environment{"PORT": "65536"}, `PORT: "65536"`},
		{environment{"PORT": "http"}, `PORT: "http"`},
		{environment{"HOST": "example.com"}, `HOST: "example.com"`},
		{environment{"LOG_LEVEL": "loud"}, `LOG_LEVEL: "loud"`},
		{environment{"MAX_BODY_BYTES": "0"}, `MAX_BODY_BYTES: "0"`},
		{environment{"MAX_BODY_BYTES": "1M"}, `MAX_BODY_BYTES: "1M"`},
		{environment{"ALLOWED_ORIGINS": "*"}, `ALLOWED_ORIGINS: "*"`},
		{environment{"ALLOWED_ORIGINS": "https://a.example/path"}, `ALLOWED_ORIGINS: "https://a.example/path"`},
		{environment{"ALLOWED_ORIGINS": "https://a.example,null"}, `ALLOWED_ORIGINS: "null"`},
		{environment{"TLS_CERT_FILE": "c"}, `TLS_CERT_FILE, TLS_KEY_FILE: set both`},
		{environment{"TLS_KEY_FILE": "k"}, `TLS_CERT_FILE, TLS_KEY_FILE: set both`},
		{environment{"TLS_CERT_FILE": "missing.pem", "TLS_KEY_FILE": key}, `TLS_CERT_FILE, TLS_KEY_FILE: open missing.pem`},
		{environment{"TLS_CERT_FILE": key, "TLS_KEY_FILE": cert}, `TLS_CERT_FILE, TLS_KEY_FILE: tls: `},
		{environment{"ALLOWED_ORIGINS": "https://a.example:443"}, `ALLOWED_ORIGINS: "https://a.example:443"`},
		{environment{"PORT": "no", meta: local[meta], "EXPECTED_AUDIENCE": "res_1"}, `PORT: "no"`},
		{environment{"SK_ENV_URL": ""}, `SK_ENV_URL: not set`},
		{environment{"SK_ENV_URL": "acme.scalekit.com"}, `SK_ENV_URL: "acme.scalekit.com" is not an absolute URL`},
		{environment{"SK_ENV_URL": "http://acme.scalekit.com"}, `SK_ENV_URL: "http://acme.scalekit.com" is not https`},
		{environment{"SK_ENV_URL": "https://acme.scalekit.com?a"}, `SK_ENV_URL: "https://acme.scalekit.com?a" has a query`},
		{environment{"SK_ENV_URL": "https://usr:test_secret@acme.scalekit.com"}, `SK_ENV_URL: the URL holds a user name or a password`},
		{environment{"SK_ENV_URL": "https://usr:test_secret%@acme.scalekit.com"}, `SK_ENV_URL: the URL holds a user name or a password`},
		{environment{"SK_ENV_URL": "https://äcme.scalekit.com"}, `SK_ENV_URL: "https://äcme.scalekit.com" has a host that is not in its ASCII form`},
		{environment{"SK_ENV_URL": "https://other.scalekit.com"}, `SK_ENV_URL: "https://other.scalekit.com" is not the environment`},
		{environment{"SK_ENV_URL": "https://acme.scalekit.co"}, `SK_ENV_URL: "https://acme.scalekit.co" is not the environment`},
		{environment{"EXPECTED_AUDIENCE": ""}, `EXPECTED_AUDIENCE: not set`},
		{environment{"EXPECTED_AUDIENCE": "res_2"}, `EXPECTED_AUDIENCE: "res_2" is not the id`},
		{environment{"EXPECTED_AUDIENCE": "https://mcp.example.com"}, `EXPECTED_AUDIENCE: "https://mcp.example.com" is not the resource`},
		{environment{meta: ""}, meta + `: not set`},
		{environment{meta: "''"}, meta + `: not set`},
		{environment{meta: "{"}, meta + `: not a JSON object`},
		{environment{meta: "null"}, meta + `: not a JSON object`},
		{environment{meta: "[]"}, meta + `: not a JSON object`},
		{environment{meta: metadataOf("<your server url>")}, meta + `: holds the placeholder <your server url>`},
		{environment{meta: metadataOf("")}, meta + `: resource is not a URL`},
		{environment{meta: metadataOf("/mcp")}, meta + `: resource: "/mcp" is not an absolute URL`},
		{environment{meta: metadataOf("https://mcp.example.com:443/mcp")}, meta + `: resource: "https://mcp.example.com:443/mcp" names the default port`},
		{environment{meta: metadataOf("https://mcp.example.com/mcp#top")}, meta + `: resource: "https://mcp.example.com/mcp#top" has a query or a fragment`},
		{environment{meta: metadataOf("https://mcp.example.com/mcp#")}, meta + `: resource: "https://mcp.example.com/mcp#" has a query or a fragment`},
		{environment{meta: `{"resource":"https://mcp.example.com/mcp"}`}, meta + `: authorization_servers is not a list`},
		{environment{meta: `{"resource":"https://mcp.example.com/mcp","authorization_servers":[]}`}, meta + `: authorization_servers is not a list`},
		{environment{meta: `{"resource":"https://mcp.example.com/mcp","authorization_servers":["x"]}`}, meta + `: authorization_servers: "x"`},
		{environment{meta: metadataOf("https://mcp.example.com/"), "EXPECTED_AUDIENCE": "res_1"}, meta + `: resource "https://mcp.example.com/" has the path "/"`},
		{environment{meta: local[meta], "EXPECTED_AUDIENCE": "res_1", "PORT": "8080"}, meta + `: resource "http://localhost:3002/mcp" has port 3002, but PORT is 8080`},
		{environment{meta: local[meta], "EXPECTED_AUDIENCE": "res_1", "TLS_CERT_FILE": cert, "TLS_KEY_FILE": key}, meta + `: resource "http://localhost:3002/mcp" is http`},
	} {
		_, err := Load(with(test.env), "/mcp")
		if err == nil || !strings.HasPrefix(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v: got %v\nwant %s", test.env, err, test.want)
		}
		if err != nil && strings.Contains(err.Error(), "test_secret") {
			t.Errorf("%v: the error holds the secret: %v", test.env, err)
		}
	}
}

func TestAllProblemsAreReportedTogether(t *testing.T) {
	t.Parallel()
	bad := environment{
		"PORT": "x", "HOST": "x", "LOG_LEVEL": "x", "MAX_BODY_BYTES": "x", "ALLOWED_ORIGINS": "x, y", "TLS_CERT_FILE": "x",
		"SK_ENV_URL": "x", "EXPECTED_AUDIENCE": "", "PROTECTED_RESOURCE_METADATA": `{"resource":"x","authorization_servers":["x"]}`,
	}
	_, err := Load(with(bad), "/mcp")
	if err == nil {
		t.Fatal("no error")
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 11 {
		t.Errorf("got %d problems, want 11:\n%v", len(lines), err)
	}
	for name := range bad {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not reported:\n%v", name, err)
		}
	}
	if strings.Contains(err.Error(), "test_secret") {
		t.Errorf("the error holds the secret: %v", err)
	}
}

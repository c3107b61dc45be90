package config_test

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/config"
)

const acme = `{"authorization_servers":["https://acme.scalekit.com/resources/res_7"],"resource":"https://mcp.acme.com/mcp","scopes_supported":["todo:read","todo:write"]}`

// answers returns good answers for the resource in acme, with the given changes: key, value, key, value.
func answers(changes ...string) config.Answers {
	a := config.Answers{
		config.KeyEnvURL:   {Value: "https://acme.scalekit.com", Source: "--env-url"},
		config.KeyMetadata: {Value: acme, Source: "--metadata"},
		config.KeyName:     {Value: "my-server", Source: "DIR"},
		config.KeyModule:   {Value: "example.com/my-server", Source: "DIR"},
	}
	for pair := range slices.Chunk(changes, 2) {
		a[pair[0]] = config.Answer{Value: pair[1], Source: "--test"}
	}
	return a
}

func TestDefaultsFollowTheMetadata(t *testing.T) {
	c, problems := config.New(answers())
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	got := strings.TrimSuffix(fmt.Sprintln(c.Port, c.EnvURL, c.Audience, c.MCPPath, c.Scopes, c.Resource, c.ResourceID, c.Slug(), len(c.Unregistered)), "\n")
	want := "3002 https://acme.scalekit.com https://mcp.acme.com/mcp /mcp [todo:read] https://mcp.acme.com/mcp res_7 my-server 0"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestTraits wants the choices named as stacks name them, the safe ones by default.
func TestTraits(t *testing.T) {
	for _, tc := range []struct {
		given []string
		want  string
		sdk   bool
	}{
		{nil, "verifier=jwks protect=mcp", false},
		{[]string{"verifier", "sdk", "protect", "all"}, "verifier=sdk protect=all", true},
	} {
		c, problems := config.New(answers(tc.given...))
		if len(problems) > 0 || strings.Join(c.Traits(), " ") != tc.want || c.UsesSDK() != tc.sdk {
			t.Errorf("%q: %q, uses the SDK: %v; %v", tc.given, c.Traits(), c.UsesSDK(), problems)
		}
	}
}

func TestGoodAnswers(t *testing.T) {
	for name, changes := range map[string][]string{
		"trailing slash of the environment": {"env_url", "https://acme.scalekit.com/"},
		"audience is the id":                {"audience", "res_7"},
		"audience with a slash":             {"audience", "https://mcp.acme.com/mcp/"},
		"another port behind a proxy":       {"port", "8080"},
		"a name of many scripts":            {"name", "Grüße 你好 🚀"},
		"a name full of quotes":             {"name", "\"`${HOME}` \\ %s {{.}}"},
		"pretty-printed metadata":           {"metadata", strings.ReplaceAll(acme, ",", ",\n  ")},
		"members we do not know":            {"metadata", strings.Replace(acme, "{", `{"x":{"y":[1e99,"\u0000'"]},`, 1)},
		"TLS behind a proxy":                {"tls_cert_file", "a.pem", "tls_key_file", "b.key"},
		"a secret with shell characters":    {config.KeySecret, `a b$c"d\e` + "`"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, problems := config.New(answers(changes...)); len(problems) > 0 {
				t.Error(problems)
			}
		})
	}
}

func TestBadAnswers(t *testing.T) {
	metadata := func(old, new string) string { return strings.Replace(acme, old, new, 1) }
	for _, tc := range []struct {
		key, value string
		want       string // in the problem
	}{
		{"port", "0", "1 to 65535"},
		{"port", "65536", "1 to 65535"},
		{"port", "+80", "1 to 65535"},
		{"port", "080", "1 to 65535"},
		{"port", "", "1 to 65535"},
		{"env_url", "acme.scalekit.com", "not an absolute URL"},
		{"env_url", "http://acme.scalekit.com", "not https"},
		{"env_url", "ftp://acme.scalekit.com", "not https"},
		{"env_url", "https://acme.scalekit.com?x", "query"},
		{"env_url", "https://u:p@acme.scalekit.com", "user name"},
		{"env_url", "https://<environment>.scalekit.com", "placeholder <environment>"},
		{"env_url", "https://acme.scalekit.com/resources/res_7", "not the environment"},
		{"env_url", "https://other.scalekit.com", "another environment: use https://acme.scalekit.com"},
		{"env_url", "https://acme.scalekit.co", "another environment"},
		{"env_url", "https://acme.scalekit.com\nX: y", "not a plain ASCII URL"},
		{"env_url", "https://münchen.example", "not a plain ASCII URL"},
		{"env_url", "", "not an absolute URL"},
		{"audience", "https://mcp.acme.com:443/mcp", "default port"},
		{"client_id", "<client id>", "placeholder"},
		{"client_id", "skc 1", "not a client id"},
		{"client_id", "skc_1\x00", "not a client id"},
		{"audience", "res_8", "use res_7"},
		{"audience", "conn_8", "connection"},
		{"audience", "https://mcp.acme.com/", "use that"},
		{"audience", "https://mcp.acme.com/mcp/x", "use that"},
		{"audience", "https://mcp.acme.com.evil.example/mcp", "use that"},
		{"audience", "<your-mcp-url>", "placeholder"},
		{"audience", "", "Server URL"},
		{"mcp_path", "/", "use --mcp-path /mcp"},
		{"mcp_path", "mcp", "not a plain path"},
		{"mcp_path", "/mcp/", "not a plain path"},
		{"mcp_path", "/a/../b", "not a plain path"},
		{"mcp_path", "/{x}", "not a plain path"},
		{"mcp_path", "/health", "taken"},
		{"mcp_path", "/.well-known/x", "taken"},
		{"scopes", " , ", "no scope"},
		{"scopes", `a"b`, "not a scope"},
		{"scopes", "a\\b", "not a scope"},
		{"scopes", "é", "not a scope"},
		{"name", "", "not a name"},
		{"name", "a\nb", "not a printable character"},
		{"name", "a\x00b", "not a printable character"},
		{"name", "\u202eevil", "not a printable character"},
		{"name", "\xff", "not a name"},
		{"name", strings.Repeat("x", 65536), "not a name"},
		{"module", "net", "standard library"},
		{"module", "My Server", "not a Go module path"},
		{"module", "github.com/golang-jwt/jwt/v5", "dependency"},
		{"module", "a/../b", "not a Go module path"},
		{"module", "C", "means something else"},
		{"module", "example.com/vendor", "means something else"},
		{"module", "example.com/a/vendor/b", "means something else"},
		{"module", "golang.org/x/sys", "dependency"},
		{"module", "github.com/modelcontextprotocol/go-sdk/mcp", "dependency"},
		{"tls_cert_file", "a.pem", "come together"},
		{"verifier", "none", "use jwks or sdk"},
		{"verifier", "", "use jwks or sdk"},
		{"protect", "mcp all", "use mcp or all"},
		{"metadata", "", "not a JSON object"},
		{"metadata", "null", "not a JSON object"},
		{"metadata", "[]", "not a JSON object"},
		{"metadata", acme[:30], "not a JSON object"},
		{"metadata", acme + "x", "not a JSON object"},
		{"metadata", "\xff" + acme, "not UTF-8"},
		{"metadata", `{"resource":"https://a/b"}`, "authorization_servers is missing"},
		{"metadata", metadata(`["https`, `["<https`), "authorization_servers"},
		{"metadata", metadata("https://mcp.acme.com/mcp", "<your-mcp-url>"), "placeholder <your-mcp-url>"},
		{"metadata", metadata(`"resource"`, `"Resource"`), "resource is missing"},
		{"metadata", metadata("https://mcp", "http://mcp"), "not https"},
		{"metadata", metadata("/mcp", "/mcp#x"), "fragment"},
		{"metadata", metadata("res_7", "conn_7"), "res_… id"},
		{"metadata", metadata("/resources/res_7", "/.well-known/oauth-authorization-server"), "where metadata is found"},
		{"metadata", metadata(`["todo:read","todo:write"]`, `"todo:read"`), "scopes_supported"},
		{"metadata", metadata(`{`, `{"x":"`+strings.Repeat("x", 64<<10)+`",`), "longer than 64 KiB"},
	} {
		t.Run(fmt.Sprintf("%s %.40q", tc.key, tc.value), func(t *testing.T) {
			_, problems := config.New(answers(tc.key, tc.value))
			if len(problems) == 0 {
				t.Fatal("accepted")
			}
			if text := fmt.Sprint(problems); !strings.Contains(text, tc.want) {
				t.Errorf("%s\nlacks %q", text, tc.want)
			}
			if problems[0].Source == "" || len(problems[0].Error()) > 600 {
				t.Errorf("no source, or too long: %v", problems[0])
			}
		})
	}
}

func TestLoopbackResourceMustFit(t *testing.T) {
	local := `{"authorization_servers":["https://acme.scalekit.com/resources/res_7"],"resource":"http://localhost:3002/"}`
	for name, tc := range map[string]struct {
		changes []string
		want    string
	}{
		"another port": {[]string{"port", "4000"}, "use --port 3002"},
		"TLS":          {[]string{"tls_cert_file", "a.pem", "tls_key_file", "b.key"}, "speaks https"},
		"https":        {[]string{"metadata", strings.Replace(local, "http://l", "https://l", 1)}, "speaks http:"},
	} {
		t.Run(name, func(t *testing.T) {
			_, problems := config.New(answers(append([]string{"metadata", local}, tc.changes...)...))
			if len(problems) != 1 || !strings.Contains(problems[0].Error(), tc.want) {
				t.Errorf("got %v, want %q", problems, tc.want)
			}
		})
	}
}

func TestEveryProblemAtOnce(t *testing.T) {
	_, problems := config.New(answers("port", "x", "env_url", "y", "scopes", "", "name", "\n"))
	if len(problems) != 4 {
		t.Errorf("%d problems, want 4: %v", len(problems), problems)
	}
}

func TestSecretIsInNoProblem(t *testing.T) {
	const secret = "hush'hush"
	_, problems := config.New(answers(config.KeySecret, secret))
	text, err := json.Marshal(problems)
	if err != nil || len(problems) != 1 {
		t.Fatal(problems, err)
	}
	if strings.Contains(fmt.Sprint(problems)+string(text), "hush") {
		t.Errorf("%s", text)
	}
}

func TestDevFits(t *testing.T) {
	for name, given := range map[string][]string{
		"nothing":   nil,
		"a port":    {"port", "8080"},
		"last port": {"port", "65535"},
		"metadata":  {"metadata", acme, "scopes", "todo:read"},
		"a path":    {"mcp_path", "/mcp"},
		"scopes":    {"scopes", "a,b c"},
		"TLS":       {"tls_cert_file", "c", "tls_key_file", "k"},
		"id":        {"audience", "res_99"},
		"local env": {"env_url", "http://127.0.0.1:9000/"},
	} {
		t.Run(name, func(t *testing.T) {
			a := config.Answers{}
			for pair := range slices.Chunk(given, 2) {
				a[pair[0]] = config.Answer{Value: pair[1], Source: "--test"}
			}
			config.Dev(a)
			config.Name(a, "/tmp/my-server")
			c, problems := config.New(a)
			if len(problems) > 0 || len(c.Unregistered) > 0 {
				t.Errorf("%v, unregistered %v", problems, c.Unregistered)
			}
		})
	}
}

func TestDevDoesNotMixWithARealEnvironment(t *testing.T) {
	a := config.Answers{config.KeyEnvURL: {Value: "https://acme.scalekit.com", Source: "SK_ENV_URL"}}
	config.Dev(a)
	config.Name(a, "x")
	_, problems := config.New(a)
	if len(problems) != 1 || !strings.Contains(problems[0].Error(), "leave out --dev") {
		t.Errorf("got %v", problems)
	}
}

func TestNameFromDirectory(t *testing.T) {
	for dir, want := range map[string][2]string{
		"/a/my-server":   {"my-server", "example.com/my-server"},
		"/a/Grüße 🚀":     {"Grüße 🚀", "example.com/Gr-e"},
		"/a/你好":          {"你好", "example.com/mcp-server"},
		"/":              {"/", "example.com/mcp-server"},
		"/a/vendor":      {"vendor", "example.com/mcp-server"},
		"/a/con":         {"con", "example.com/mcp-server"},
		"/a/-x-":         {"-x-", "example.com/x"},
		"/a/line\nbreak": {"line-break", "example.com/line-break"},
		"/a/v2.server":   {"v2.server", "example.com/v2-server"},
	} {
		a := config.Answers{}
		config.Name(a, dir)
		if got := [2]string{a.Value(config.KeyName), a.Value(config.KeyModule)}; got != want {
			t.Errorf("%q: got %q, want %q", dir, got, want)
		}
	}
}

// TestStandardRoots compares the list of reserved first elements with the standard library of this toolchain.
func TestStandardRoots(t *testing.T) {
	out, err := exec.Command("go", "list", "std", "cmd").Output()
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range strings.FieldsSeq(string(out)) {
		root, _, _ := strings.Cut(pkg, "/")
		if _, problems := config.New(answers("module", root)); len(problems) == 0 {
			t.Errorf("module %q is accepted", root)
		}
	}
}

func TestParseAnswers(t *testing.T) {
	got, problems := config.ParseAnswers([]byte("port: 8080\nscopes: [a, b]\nclient_id:\nmetadata: {resource: x, n: 1}\n"), "a.yaml")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for key, want := range map[string]string{"port": "8080", "scopes": "a,b", "client_id": "", "metadata": `{"n":1,"resource":"x"}`} {
		if got[key].Value != want || got[key].Source != "a.yaml" {
			t.Errorf("%s: %+v, want %q", key, got[key], want)
		}
	}
}

func TestParseAnswersRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"- a":                 "not a YAML mapping",
		"port: [":             "not a YAML mapping",
		"prot: 1":             "unknown key",
		"port: 1.5":           "wrong type",
		"port: {a: b}":        "wrong type",
		"name: true":          "wrong type",
		"scopes: [1]":         "not a scope",
		"scopes: ['a b']":     "not a scope",
		"client_secret: hush": "no secret belongs in an answers file",
		"port: 1\nport: 2":    "not a YAML mapping",
	} {
		_, problems := config.ParseAnswers([]byte(text), "a.yaml")
		if len(problems) != 1 || !strings.Contains(problems[0].Error(), want) || strings.Contains(fmt.Sprint(problems), "hush") {
			t.Errorf("%q: got %v, want %q", text, problems, want)
		}
	}
}

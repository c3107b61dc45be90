// Package config turns the answers of init into a checked configuration.
//
// Every problem is found in one pass. A problem names the answer, its value (never a secret),
// what is wrong with it, and what to write instead.
package config

import (
	"cmp"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Config is a checked configuration for a new server. New is the only way to make one.
type Config struct {
	Name     string
	Module   string // Go module path; for other languages made of Name
	Port     int
	EnvURL   string // without a trailing slash
	ClientID string // may be empty
	Audience string
	MCPPath  string // "/", or without a trailing slash
	Scopes   []string
	Verifier string // what checks tokens: jwks or sdk
	Protect  string // what needs a token: mcp or all
	TLSCert  string // file name; empty: plain HTTP
	TLSKey   string

	Resource   *url.URL // the MCP URL
	Metadata   []byte   // compact JSON
	ResourceID string   // res_…

	// Unregistered are the Scopes that the metadata does not list: Scalekit will grant no token with them.
	Unregistered []string
}

// UsesSDK says that the server checks tokens through the Scalekit SDK, which wants API credentials.
func (c Config) UsesSDK() bool { return c.Verifier == "sdk" }

// Traits are the choices by which projects of one stack differ in their files, each key=value.
func (c Config) Traits() []string {
	return []string{Trait(KeyVerifier, c.Verifier), Trait(KeyProtect, c.Protect)}
}

// Trait names the choice of value for the answer with that key.
func Trait(key, value string) string { return key + "=" + value }

// A Problem is something wrong with one answer.
type Problem struct {
	Key    string `json:"key"`
	Source string `json:"source"`          // where the value came from; empty if there is none
	Value  string `json:"value,omitempty"` // empty for secrets
	Text   string `json:"problem"`         // what is wrong, and what to write instead
}

func (p Problem) Error() string {
	where := p.Key
	if p.Source != "" {
		where += " (" + p.Source + ")"
	}
	if p.Value != "" {
		where += " " + strconv.Quote(shorten(p.Value))
	}
	return where + ": " + p.Text
}

func shorten(s string) string {
	const most = 120
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// Missing returns the fields that have no value and no default, in order.
func Missing(a Answers) []Field {
	var missing []Field
	for _, f := range Fields() {
		if _, answered := a[f.Key]; !answered && !f.Optional && f.Default == nil {
			missing = append(missing, f)
		}
	}
	return missing
}

// Name adds a name and a module path made from the base of dir, where they are unanswered.
func Name(a Answers, dir string) {
	base := filepath.Base(dir)
	if _, answered := a[KeyName]; !answered && checkName(base) == nil {
		a[KeyName] = Answer{Value: base, Source: "DIR"}
	} else if !answered {
		a[KeyName] = Answer{Value: slug(base), Source: "DIR"}
	}
	if _, answered := a[KeyModule]; !answered {
		a[KeyModule] = Answer{Value: "example.com/" + slug(base), Source: "DIR"}
	}
}

var notSlug = lazily(`[^A-Za-z0-9_-]+`)

// slug makes a plain ASCII name of s: a path element that Go and every file system accept.
func slug(s string) string {
	s = strings.Trim(notSlug().ReplaceAllString(s, "-"), "-_")
	if s == "" || checkModule("example.com/"+s) != nil || len(s) > maxName {
		return "mcp-server"
	}
	return s
}

// Slug is the plain ASCII name of the server, for places that take no other: the last element of its module path.
func (c Config) Slug() string { return slug(lastSegment(c.Module)) }

// LocalURL is the MCP URL on the machine where the server runs. It is the Resource unless that names a proxy in front.
func (c Config) LocalURL() string {
	if isLoopback(c.Resource.Hostname()) {
		return c.Resource.String()
	}
	scheme := "http"
	if c.TLSCert != "" {
		scheme = "https"
	}
	return scheme + "://localhost:" + strconv.Itoa(c.Port) + c.MCPPath
}

// Public says that clients reach the server at another URL than its own: through a proxy.
func (c Config) Public() bool { return c.LocalURL() != c.Resource.String() }

// New checks every answer by itself and against the others, and takes defaults where there is none.
// Config is of use only when there are no problems.
func New(given Answers) (Config, []Problem) {
	a := given.WithDefaults()
	r := &report{answers: a}
	for _, f := range Fields() {
		r.field(f)
	}
	if len(r.problems) > 0 {
		return Config{}, causes(r.problems)
	}
	meta, err := parseMetadata(a.Value(KeyMetadata))
	if err != nil {
		r.add(KeyMetadata, "%v", err)
		return Config{}, r.problems
	}
	port, _ := strconv.Atoi(a.Value(KeyPort))
	c := Config{
		Name:       a.Value(KeyName),
		Module:     a.Value(KeyModule),
		Port:       port,
		EnvURL:     trimSlash(a.Value(KeyEnvURL)),
		ClientID:   a.Value(KeyClientID),
		Audience:   a.Value(KeyAudience),
		MCPPath:    a.Value(KeyMCPPath),
		Scopes:     splitScopes(a.Value(KeyScopes)),
		Verifier:   a.Value(KeyVerifier),
		Protect:    a.Value(KeyProtect),
		TLSCert:    a.Value(KeyTLSCert),
		TLSKey:     a.Value(KeyTLSKey),
		Resource:   meta.resource,
		Metadata:   meta.document,
		ResourceID: meta.resourceIDs()[0],
	}
	for _, s := range c.Scopes {
		if !slices.Contains(meta.scopes, s) {
			c.Unregistered = append(c.Unregistered, s)
		}
	}
	r.together(c, meta)
	return c, r.problems
}

// report collects problems.
type report struct {
	answers  Answers
	problems []Problem
}

func (r *report) add(key, format string, args ...any) {
	p := Problem{Key: key, Source: r.answers[key].Source, Text: fmt.Sprintf(format, args...)}
	if key != KeySecret && key != KeyMetadata && !strings.Contains(r.answers.Value(key), "@") {
		p.Value = r.answers.Value(key)
	}
	r.problems = append(r.problems, p)
}

func (r *report) field(f Field) {
	answer, answered := r.answers[f.Key]
	switch {
	case answer.Value == "" && f.Optional:
		return
	case !answered:
		r.add(f.Key, "no answer: use --%s, the environment variable %s, or the key %s in --answers FILE", f.Flag, f.Env, f.Key)
		return
	}
	if err := f.Check(answer.Value); err != nil {
		r.add(f.Key, "%v", err)
	}
}

// causes leaves out the made-up answers that are wrong only because they were made from a wrong one.
func causes(problems []Problem) []Problem {
	given := slices.DeleteFunc(slices.Clone(problems), func(p Problem) bool { return p.Source == sourceDev })
	if len(given) > 0 {
		return given
	}
	return problems
}

// together checks that the answers agree. Everything that clients are told comes from the metadata's
// resource, so the other answers have to fit it.
func (r *report) together(c Config, meta *metadata) {
	if (c.TLSCert == "") != (c.TLSKey == "") {
		r.add(KeyTLSCert, "a certificate and its key come together: give both --tls-cert-file and --tls-key-file, or neither")
	}
	if trimSlash(meta.resource.Path) != trimSlash(c.MCPPath) {
		r.add(KeyMCPPath, "the metadata's resource %q has the path %q: use --mcp-path %s, or register the other Server URL in Scalekit",
			meta.resource, meta.resource.Path, cmp.Or(trimSlash(meta.resource.Path), "/"))
	}
	r.environment(c, meta)
	r.audience(c, meta)
	if isLoopback(meta.resource.Hostname()) {
		r.loopback(c, meta)
	}
}

func (r *report) environment(c Config, meta *metadata) {
	if r.answers[KeyMetadata].Source == sourceDev && !isLoopbackURL(c.EnvURL) {
		r.add(KeyEnvURL, "--dev makes up the rest for a local authorization server, which this is not: unset it, or leave out --dev and give --metadata")
		return
	}
	for _, server := range meta.servers {
		if server != c.EnvURL+"/resources/"+lastSegment(server) {
			r.add(KeyEnvURL, "the metadata's authorization server %q is of another environment: use %s, or the metadata of this one",
				server, environmentOf(server))
		}
	}
}

func (r *report) audience(c Config, meta *metadata) {
	isID := resourceID().MatchString(c.Audience)
	switch {
	case isID && !slices.Contains(meta.resourceIDs(), c.Audience):
		r.add(KeyAudience, "the metadata is that of %s: use %s, or the metadata of the other MCP server", c.ResourceID, c.ResourceID)
	case !isID && trimSlash(c.Audience) != trimSlash(meta.resource.String()):
		r.add(KeyAudience, "the metadata's resource is %q: use that, or the metadata of the other Server URL", meta.resource)
	}
}

// loopback checks a resource on this machine, where no proxy can change port or scheme.
func (r *report) loopback(c Config, meta *metadata) {
	if port := publicPort(meta.resource); port != strconv.Itoa(c.Port) {
		r.add(KeyPort, "the metadata's resource %q is at port %s: use --port %s, or register the other Server URL in Scalekit", meta.resource, port, port)
	}
	if tls := c.TLSCert != ""; tls != (meta.resource.Scheme == "https") {
		r.add(KeyMetadata, "the resource %q does not fit a server that speaks %s: give --tls-cert-file and --tls-key-file for https, neither for http",
			meta.resource, map[bool]string{true: "https", false: "http"}[tls])
	}
}

func publicPort(u *url.URL) string {
	if u.Port() != "" {
		return u.Port()
	}
	return map[string]string{"https": "443", "http": "80"}[u.Scheme]
}

func environmentOf(server string) string {
	env, _, _ := strings.Cut(server, "/resources/")
	return env
}

func isLoopbackURL(value string) bool {
	u, err := parseURL(value)
	return err == nil && isLoopback(u.Hostname())
}

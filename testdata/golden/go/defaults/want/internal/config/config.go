// Package config reads the server's settings from the environment, once, and checks that they agree.
package config

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Config is a checked configuration. Load is the only way to make one.
type Config struct {
	Addr     string     // address to listen on, host:port
	Loopback bool       // Addr accepts connections from this machine only
	TLSCert  string     // certificate file; empty means plain HTTP
	TLSKey   string     // key file of TLSCert
	LogLevel slog.Level // default info

	EnvironmentURL string   // Scalekit environment, without a trailing slash
	Issuers        []string // values of iss that are accepted
	Audiences      []string // values of which aud must hold one

	Resource *url.URL // the URL that people type into an MCP client
	Metadata []byte   // protected resource metadata (RFC 9728), served as it is

	AllowedOrigins []string // browser origins allowed besides the server's own
	MaxBodyBytes   int64    // request body limit, default 256 KiB
}

// Load reads the configuration of a server whose MCP endpoint is at mcpPath.
// The error lists every problem, one a line, each with the variable to change.
func Load(getenv func(string) string, mcpPath string) (Config, error) {
	p := &problems{}
	port := p.port(getenv("PORT"))
	host := p.host(getenv("HOST"))
	c := Config{
		Addr:           net.JoinHostPort(host, strconv.Itoa(port)),
		Loopback:       isLoopback(host),
		TLSCert:        getenv("TLS_CERT_FILE"),
		TLSKey:         getenv("TLS_KEY_FILE"),
		LogLevel:       p.logLevel(getenv("LOG_LEVEL")),
		EnvironmentURL: p.environmentURL(getenv("SK_ENV_URL")),
		AllowedOrigins: p.origins(getenv("ALLOWED_ORIGINS")),
		MaxBodyBytes:   p.bytes("MAX_BODY_BYTES", getenv("MAX_BODY_BYTES"), 256<<10),
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		p.add("TLS_CERT_FILE, TLS_KEY_FILE", "set both, or neither for plain HTTP")
	} else if c.TLSCert != "" {
		if _, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey); err != nil {
			p.add("TLS_CERT_FILE, TLS_KEY_FILE", "%v: use a certificate and its key, both in PEM", err)
		}
	}
	meta := p.metadata(getenv("PROTECTED_RESOURCE_METADATA"))
	if meta != nil {
		c.Metadata, c.Resource = meta.document, meta.resource
		p.checkResource(c, meta.resource, port, mcpPath)
		c.Issuers = p.issuers(c.EnvironmentURL, meta.authorizationServers)
		c.Audiences = p.audiences(getenv("EXPECTED_AUDIENCE"), meta)
	} else if getenv("EXPECTED_AUDIENCE") == "" {
		p.add("EXPECTED_AUDIENCE", audienceHelp)
	}
	return c, errors.Join(p.found...)
}

// problems collects what is wrong, so that one start reports all of it.
type problems struct{ found []error }

func (p *problems) add(name, format string, args ...any) {
	p.found = append(p.found, fmt.Errorf("%s: %s", name, fmt.Sprintf(format, args...)))
}

func (p *problems) port(value string) int {
	if value == "" {
		return 3002
	}
	port, err := strconv.Atoi(value)
	if err != nil || port < 1 || port > 65535 {
		p.add("PORT", "%q is not a port: use a number from 1 to 65535", value)
		return 0
	}
	return port
}

func (p *problems) host(value string) string {
	switch {
	case value == "":
		return "127.0.0.1"
	case value != "localhost" && net.ParseIP(value) == nil:
		p.add("HOST", "%q is not an IP address: use 127.0.0.1 for this machine only, 0.0.0.0 for all interfaces", value)
	}
	return value
}

func (p *problems) logLevel(value string) (level slog.Level) {
	if value == "" {
		return slog.LevelInfo
	}
	if err := level.UnmarshalText([]byte(value)); err != nil {
		p.add("LOG_LEVEL", "%q is not a level: use debug, info, warn or error", value)
	}
	return level
}

func (p *problems) bytes(name, value string, fallback int64) int64 {
	if value == "" {
		return fallback
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n < 1 {
		p.add(name, "%q is not a number of bytes: use a whole number from 1", value)
	}
	return n
}

func (p *problems) environmentURL(value string) string {
	const name = "SK_ENV_URL"
	if value == "" {
		p.add(name, "not set: copy the environment URL from the Scalekit dashboard, Settings > API credentials")
		return ""
	}
	if _, err := secureURL(value); err != nil {
		p.add(name, "%v: use https://<environment>.scalekit.com", err)
		return ""
	}
	return strings.TrimSuffix(value, "/")
}

func (p *problems) origins(value string) []string {
	var origins []string
	for _, field := range strings.Split(value, ",") {
		field = strings.TrimSpace(field)
		if field == "" {
			continue
		}
		u, err := url.Parse(field)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.String() != u.Scheme+"://"+u.Host || namesDefaultPort(u) {
			p.add("ALLOWED_ORIGINS", "%q is not an origin: use scheme://host, or scheme://host:port where the port is not the default, comma separated", field)
			continue
		}
		origins = append(origins, strings.ToLower(field))
	}
	return origins
}

// checkResource reports where the public URL and the address that is served disagree.
func (p *problems) checkResource(c Config, resource *url.URL, port int, mcpPath string) {
	const name = "PROTECTED_RESOURCE_METADATA"
	if trimSlash(resource.Path) != trimSlash(mcpPath) {
		p.add(name, "resource %q has the path %q, but this server answers MCP at %q: register the URL with that path in Scalekit", resource, resource.Path, mcpPath)
	}
	if !isLoopback(resource.Hostname()) {
		return // a proxy in front may use another port and end TLS
	}
	if port != 0 && publicPort(resource) != strconv.Itoa(port) {
		p.add(name, "resource %q has port %s, but PORT is %d: make them equal", resource, publicPort(resource), port)
	}
	if scheme := map[bool]string{true: "https", false: "http"}[c.TLSCert != ""]; resource.Scheme != scheme {
		p.add(name, "resource %q is %s, but this server would speak %s: set or unset TLS_CERT_FILE and TLS_KEY_FILE", resource, resource.Scheme, scheme)
	}
}

// issuers returns both forms of iss that Scalekit uses: the environment, and the
// authorization server of this resource. A token carries one or the other.
func (p *problems) issuers(environmentURL string, servers []string) []string {
	for _, server := range servers {
		if environmentURL != "" && server != environmentURL && !strings.HasPrefix(server, environmentURL+"/") {
			p.add("SK_ENV_URL", "%q is not the environment of the authorization server %q in PROTECTED_RESOURCE_METADATA: use one environment for both", environmentURL, server)
		}
	}
	return append([]string{environmentURL}, servers...)
}

const audienceHelp = "not set: use the Server URL that is registered in Scalekit, exactly, or the res_… id of the MCP server"

// audiences returns the values that bind a token to this server: the Server URL, with and
// without one trailing slash, and the res_… id that Scalekit puts into every token.
func (p *problems) audiences(expected string, meta *metadata) []string {
	const name = "EXPECTED_AUDIENCE"
	ids := meta.resourceIDs()
	switch {
	case expected == "":
		p.add(name, audienceHelp)
		return nil
	case slices.Contains(ids, expected):
		return ids
	case strings.HasPrefix(expected, "res_"):
		p.add(name, "%q is not the id in authorization_servers %q: use one MCP server's values for both", expected, meta.authorizationServers)
	case trimSlash(expected) != trimSlash(meta.resource.String()):
		p.add(name, "%q is not the resource %q of PROTECTED_RESOURCE_METADATA: use the Server URL registered in Scalekit for both", expected, meta.resource)
	}
	return append(ids, trimSlash(expected), trimSlash(expected)+"/")
}

func trimSlash(s string) string { return strings.TrimSuffix(s, "/") }

func publicPort(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}

func isLoopback(host string) bool {
	return strings.EqualFold(host, "localhost") || net.ParseIP(host).IsLoopback()
}

// Package config reads the server's settings from the environment, once, and checks that they agree.
package config

import (
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Config is a checked configuration.
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

// endpoint reads what MCP needs, wherever it is served.
func (p *problems) endpoint(c *Config, getenv func(string) string, mcpPath string) {
	c.EnvironmentURL = p.environmentURL(getenv("SK_ENV_URL"))
	c.AllowedOrigins = p.origins(getenv("ALLOWED_ORIGINS"))
	c.MaxBodyBytes = p.bytes("MAX_BODY_BYTES", getenv("MAX_BODY_BYTES"), 256<<10)
	meta := p.metadata(getenv("PROTECTED_RESOURCE_METADATA"))
	if meta == nil {
		if getenv("EXPECTED_AUDIENCE") == "" {
			p.add("EXPECTED_AUDIENCE", audienceHelp)
		}
		return
	}
	c.Metadata, c.Resource = meta.document, meta.resource
	if trimSlash(c.Resource.Path) != trimSlash(mcpPath) {
		p.add("PROTECTED_RESOURCE_METADATA", "resource %q has the path %q, but this server answers MCP at %q: register the URL with that path in Scalekit", c.Resource, c.Resource.Path, mcpPath)
	}
	c.Issuers = p.issuers(c.EnvironmentURL, meta.authorizationServers)
	c.Audiences = p.audiences(getenv("EXPECTED_AUDIENCE"), meta)
}

// problems collects what is wrong, so that one start reports all of it.
type problems struct{ found []error }

func (p *problems) add(name, format string, args ...any) {
	p.found = append(p.found, fmt.Errorf("%s: %s", name, fmt.Sprintf(format, args...)))
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

func isLoopback(host string) bool {
	return strings.EqualFold(host, "localhost") || net.ParseIP(host).IsLoopback()
}

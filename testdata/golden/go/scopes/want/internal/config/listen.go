package config

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/url"
	"strconv"
)

// Load reads the configuration of a server whose MCP endpoint is at mcpPath.
// The error lists every problem, one a line, each with the variable to change.
func Load(getenv func(string) string, mcpPath string) (Config, error) {
	p := &problems{}
	port := p.port(getenv("PORT"))
	host := p.host(getenv("HOST"))
	c := Config{
		Addr:     net.JoinHostPort(host, strconv.Itoa(port)),
		Loopback: isLoopback(host),
		TLSCert:  getenv("TLS_CERT_FILE"),
		TLSKey:   getenv("TLS_KEY_FILE"),
		LogLevel: p.logLevel(getenv("LOG_LEVEL")),
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		p.add("TLS_CERT_FILE, TLS_KEY_FILE", "set both, or neither for plain HTTP")
	} else if c.TLSCert != "" {
		if _, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey); err != nil {
			p.add("TLS_CERT_FILE, TLS_KEY_FILE", "%v: use a certificate and its key, both in PEM", err)
		}
	}
	p.endpoint(&c, getenv, mcpPath)
	if c.Resource != nil {
		p.checkAddress(c, port)
	}
	return c, errors.Join(p.found...)
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

// checkAddress reports where the public URL and the address that is served disagree.
func (p *problems) checkAddress(c Config, port int) {
	const name = "PROTECTED_RESOURCE_METADATA"
	if !isLoopback(c.Resource.Hostname()) {
		return // a proxy in front may use another port and end TLS
	}
	if port != 0 && publicPort(c.Resource) != strconv.Itoa(port) {
		p.add(name, "resource %q has port %s, but PORT is %d: make them equal", c.Resource, publicPort(c.Resource), port)
	}
	if scheme := map[bool]string{true: "https", false: "http"}[c.TLSCert != ""]; c.Resource.Scheme != scheme {
		p.add(name, "resource %q is %s, but this server would speak %s: set or unset TLS_CERT_FILE and TLS_KEY_FILE", c.Resource, c.Resource.Scheme, scheme)
	}
}

func publicPort(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}

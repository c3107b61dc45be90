package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// metadata is the protected resource metadata from the Scalekit dashboard (RFC 9728 section 2).
type metadata struct {
	document             []byte
	resource             *url.URL
	authorizationServers []string
}

var placeholder = regexp.MustCompile(`<[^<>]+>`)

func (p *problems) metadata(value string) *metadata {
	const name = "PROTECTED_RESOURCE_METADATA"
	before := len(p.found)
	if value = unquote(strings.TrimSpace(value)); value == "" {
		p.add(name, "not set: copy the metadata JSON from the MCP server's page in the Scalekit dashboard")
		return nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(value), &fields); err != nil || fields == nil {
		p.add(name, "not a JSON object: copy the metadata JSON from the MCP server's page in the Scalekit dashboard, on one line")
		return nil
	}
	if found := placeholder.FindString(value); found != "" {
		p.add(name, "holds the placeholder %s: set the Server URL of the MCP server in the Scalekit dashboard and copy the JSON again", found)
		return nil
	}
	var document bytes.Buffer
	if err := json.Compact(&document, []byte(value)); err != nil {
		p.add(name, "%v", err)
	}
	m := &metadata{document: document.Bytes()}
	m.resource = p.resource(fields["resource"])
	m.authorizationServers = p.authorizationServers(fields["authorization_servers"])
	if len(p.found) > before {
		return nil
	}
	return m
}

func (p *problems) resource(raw json.RawMessage) *url.URL {
	const name = "PROTECTED_RESOURCE_METADATA"
	var value string
	if json.Unmarshal(raw, &value) != nil || value == "" {
		p.add(name, "resource is not a URL: set the Server URL of the MCP server in the Scalekit dashboard and copy the JSON again")
		return nil
	}
	u, err := secureURL(value)
	if err != nil {
		p.add(name, "resource: %v: use the URL that people type into an MCP client", err)
	}
	return u
}

func (p *problems) authorizationServers(raw json.RawMessage) []string {
	const name = "PROTECTED_RESOURCE_METADATA"
	var servers []string
	if json.Unmarshal(raw, &servers) != nil || len(servers) == 0 {
		p.add(name, "authorization_servers is not a list of URLs: it holds https://<environment>.scalekit.com/resources/res_…")
		return nil
	}
	for _, server := range servers {
		if _, err := secureURL(server); err != nil {
			p.add(name, "authorization_servers: %v", err)
		}
	}
	return servers
}

// resourceIDs returns the res_… ids of the authorization servers.
func (m *metadata) resourceIDs() []string {
	var ids []string
	for _, server := range m.authorizationServers {
		if id := server[strings.LastIndex(server, "/")+1:]; strings.HasPrefix(id, "res_") {
			ids = append(ids, id)
		}
	}
	return ids
}

var hostname = regexp.MustCompile(`^[A-Za-z0-9._:-]+$`)

// secureURL parses an absolute URL that is nothing but scheme, host and path: https, or http on loopback.
func secureURL(value string) (*url.URL, error) {
	u, err := url.Parse(value)
	switch absolute := err == nil && u.Host != ""; {
	case strings.Contains(value, "@") && (!absolute || u.User != nil):
		return nil, errors.New("the URL holds a user name or a password")
	case !absolute:
		return nil, fmt.Errorf("%q is not an absolute URL", value)
	case strings.ContainsAny(value, "?#"):
		return nil, fmt.Errorf("%q has a query or a fragment", value)
	case !hostname.MatchString(u.Hostname()):
		return nil, fmt.Errorf("%q has a host that is not in its ASCII form", value)
	case namesDefaultPort(u):
		return nil, fmt.Errorf("%q names the default port, which browsers and clients leave out", value)
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()):
		return u, nil
	}
	return nil, fmt.Errorf("%q is not https (http is for loopback only)", value)
}

func namesDefaultPort(u *url.URL) bool {
	return u.Scheme == "https" && u.Port() == "443" || u.Scheme == "http" && u.Port() == "80"
}

// unquote removes one pair of quotes around the value: docker --env-file keeps them.
func unquote(s string) string {
	if len(s) >= 2 && (s[0] == '\'' || s[0] == '"') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}

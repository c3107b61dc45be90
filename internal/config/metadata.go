package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// metadata is protected resource metadata (RFC 9728 section 2), as the Scalekit dashboard shows it.
type metadata struct {
	document []byte // compact JSON on one line, all of it printable
	resource *url.URL
	servers  []string // authorization_servers
	scopes   []string // scopes_supported; may be empty
}

func parseMetadata(value string) (*metadata, error) {
	const remedy = "copy the JSON from the dashboard, MCP Servers > your server > Metadata JSON"
	switch {
	case len(value) > maxMetadata:
		return nil, fmt.Errorf("longer than %d KiB: %s", maxMetadata>>10, remedy)
	case !utf8.ValidString(value):
		return nil, errors.New("not UTF-8: " + remedy)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(value), &fields); err != nil || fields == nil {
		return nil, errors.New("not a JSON object: " + remedy)
	}
	if found := placeholder().FindString(value); found != "" {
		return nil, fmt.Errorf("the placeholder %s is still in it: set the Server URL of the MCP server in the dashboard, then copy the JSON again", shorten(found))
	}
	m := &metadata{}
	if err := json.Unmarshal(fields["scopes_supported"], &m.scopes); err != nil && fields["scopes_supported"] != nil {
		return nil, errors.New("scopes_supported is not a list of strings: " + remedy)
	}
	if err := m.setResource(fields["resource"]); err != nil {
		return nil, err
	}
	if err := m.setServers(fields["authorization_servers"]); err != nil {
		return nil, err
	}
	var document bytes.Buffer
	if err := json.Compact(&document, []byte(value)); err != nil {
		return nil, err
	}
	m.document = escape(document.String())
	return m, nil
}

// escape writes as \u escapes what a person could not see: JSON allows such characters in strings, YAML and eyes do not.
func escape(document string) []byte {
	var out []byte
	for _, r := range document {
		switch {
		case unicode.IsPrint(r):
			out = utf8.AppendRune(out, r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out
}

func (m *metadata) setResource(raw json.RawMessage) error {
	var value string
	if json.Unmarshal(raw, &value) != nil || value == "" {
		return errors.New("resource is missing: set the Server URL of the MCP server in the dashboard, then copy the JSON again")
	}
	u, err := parseURL(value)
	if err != nil {
		return fmt.Errorf("resource: %w: it is the URL that people type into an MCP client", err)
	}
	m.resource = u
	return nil
}

func (m *metadata) setServers(raw json.RawMessage) error {
	const form = "https://<environment>.scalekit.com/resources/res_…"
	if json.Unmarshal(raw, &m.servers) != nil || len(m.servers) == 0 {
		return errors.New("authorization_servers is missing: it is a list with " + form)
	}
	for _, server := range m.servers {
		if _, err := parseURL(server); err != nil {
			return fmt.Errorf("authorization_servers: %w: an entry looks like %s", err, form)
		}
		if strings.Contains(server, "/.well-known/") {
			return fmt.Errorf("authorization_servers: %q is where metadata is found, not the issuer: an entry looks like %s", shorten(server), form)
		}
		if id := lastSegment(server); !resourceID().MatchString(id) {
			return fmt.Errorf("authorization_servers: %q does not end in a res_… id: an entry looks like %s", shorten(server), form)
		}
	}
	return nil
}

// resourceIDs returns the res_… ids of the authorization servers.
func (m *metadata) resourceIDs() []string {
	ids := make([]string, len(m.servers))
	for i, server := range m.servers {
		ids[i] = lastSegment(server)
	}
	return ids
}

func lastSegment(s string) string { return s[strings.LastIndex(s, "/")+1:] }

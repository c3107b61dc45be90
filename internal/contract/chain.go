package contract

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
)

// chain is what a client has found so far between the challenge and a token.
type chain struct {
	// ended is the check that found nothing to go on with. Empty while the chain goes on.
	ended    string
	resource resourceMetadata
	// resourceAt and serverAt are curl lines that show where the two documents were found.
	resourceAt, serverAt string
	// issuer is the entry of authorization_servers that was followed.
	issuer string
	server serverMetadata
	// keyIDs are of the keys that can verify. Nil when they were not found.
	keyIDs map[string]bool
	// doubted says that a step has failed, whether or not the chain goes on.
	doubted bool
}

// resourceMetadata is what a client reads of RFC 9728 section 2.
type resourceMetadata struct {
	Resource string   `json:"resource"`
	Servers  []string `json:"authorization_servers"`
	Methods  []string `json:"bearer_methods_supported"`
}

// serverMetadata is what a client reads of RFC 8414 section 2.
type serverMetadata struct {
	Issuer            string   `json:"issuer"`
	Authorize         string   `json:"authorization_endpoint"`
	Token             string   `json:"token_endpoint"`
	Registration      string   `json:"registration_endpoint"`
	Keys              string   `json:"jwks_uri"`
	ResponseTypes     []string `json:"response_types_supported"`
	GrantTypes        []string `json:"grant_types_supported"`
	Challenges        []string `json:"code_challenge_methods_supported"`
	TokenAuth         []string `json:"token_endpoint_auth_methods_supported"`
	MetadataDocuments bool     `json:"client_id_metadata_document_supported"`
}

// reached reports whether the chain has got so far, or records where it ended.
func (p *Probe) reached() bool {
	if p.scene.chain.ended != "" {
		p.skip("not reached: the chain ends at %s", p.scene.chain.ended)
	}
	return p.scene.chain.ended == ""
}

// end records that nothing follows this check.
func (p *Probe) end() { p.scene.chain.ended = p.found.check.ID }

// follow fetches a JSON object from wherever the chain leads, into value. ok is false when there is none,
// which the caller records.
func (p *Probe) follow(ctx context.Context, address string, value any) (e exchange, ok bool) {
	r := request{method: "GET", url: address}
	if err := p.followable(address); err != nil {
		return exchange{request: r, err: err}, false
	}
	e = p.abroad.send(ctx, r)
	return e, e.is(200) && strings.HasPrefix(strings.TrimSpace(string(e.body)), "{") && json.Unmarshal(e.body, value) == nil
}

var errUnsafe = errors.New("not followed")

// followable refuses what no client should fetch (MCP 2026-07-28, Security Best Practices, SSRF): anything
// but https, except on this machine, and this machine itself unless the server under test runs there.
func (s Site) followable(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("%w: %q is not an absolute http or https URL", errUnsafe, address)
	case u.User != nil:
		return fmt.Errorf("%w: the URL holds credentials", errUnsafe)
	case u.Fragment != "":
		return fmt.Errorf("%w: %q has a fragment", errUnsafe, address)
	case originOf(address) == originOf(s.URL):
		return nil
	case loopback(u.Hostname()) && !s.onLoopback():
		return fmt.Errorf("%w: %q is on the client's own machine, the server is not", errUnsafe, address)
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return fmt.Errorf("%w: %q is not https", errUnsafe, address)
	}
	return nil
}

func loopbackURL(address string) bool {
	u, err := url.Parse(address)
	return err == nil && loopback(u.Hostname())
}

func loopback(host string) bool {
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || net.ParseIP(host).IsLoopback()
}

// carefulDialer also refuses names that resolve to this machine or to link-local addresses, where cloud
// providers keep credentials, unless the server under test is on this machine itself.
func (s Site) carefulDialer() *net.Dialer {
	dialer := &net.Dialer{Timeout: requestTimeout}
	if s.onLoopback() {
		return dialer
	}
	dialer.Control = func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		if ip := to.Addr().Unmap(); ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsUnspecified() || ip.IsMulticast() {
			return fmt.Errorf("%w: %s is no public address", errUnsafe, ip)
		}
		return nil
	}
	return dialer
}

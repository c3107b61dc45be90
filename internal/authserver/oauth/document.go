package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"strings"
	"syscall"
	"time"
)

// documentTimeout bounds the fetch of a client ID metadata document.
const documentTimeout = 5 * time.Second

// documents are clients whose id is the URL of their metadata
// (draft-ietf-oauth-client-id-metadata-document). They are fetched when needed and kept briefly.
type documents struct {
	client *http.Client
	cache  *shelf[Registration]
}

func newDocuments(client *http.Client, now func() time.Time) *documents {
	if client == nil {
		client = &http.Client{Transport: guardedTransport()}
	}
	patient := *client
	patient.Timeout = documentTimeout
	// A redirect would let the document of one URL speak for another.
	patient.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &documents{client: &patient, cache: newShelf[Registration](maxDocuments, documentLifetime, now)}
}

// guardedTransport connects to public and to loopback addresses. Any web page can make the server fetch a
// URL, so what is reachable only from this network stays out of reach. It uses no proxy, which would hide
// the address.
func guardedTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: documentTimeout, Control: func(_, address string, _ syscall.RawConn) error {
		target, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		if addr := target.Addr().Unmap(); !addr.IsLoopback() && !public(addr) {
			return fmt.Errorf("%s is neither a public nor a loopback address", addr)
		}
		return nil
	}}
	return &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true, ForceAttemptHTTP2: true}
}

// public reports whether an address can be one of the internet's. Carriers' addresses (RFC 6598) and those that
// translators map to others (RFC 6052, RFC 8215) lead into networks, too.
func public(addr netip.Addr) bool {
	for _, prefix := range []string{"100.64.0.0/10", "64:ff9b::/96", "64:ff9b:1::/48"} {
		if netip.MustParsePrefix(prefix).Contains(addr) {
			return false
		}
	}
	return addr.IsGlobalUnicast() && !addr.IsPrivate()
}

// isDocumentURL reports whether a client id is the URL of a document: https, with a path that is more than
// the root and has no dot segments, without fragment and user name.
func isDocumentURL(id string) bool {
	u, err := url.Parse(id)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil && !strings.Contains(id, "#") &&
		len(u.Path) > 1 && len(id) <= maxRedirectURI && strings.TrimSuffix(u.Path, "/") == path.Clean(u.Path)
}

// find returns the client that the document at this URL describes.
func (d *documents) find(ctx context.Context, id string) (Registration, error) {
	if client, found := d.cache.get(id); found {
		return client, nil
	}
	body, err := d.fetch(ctx, id)
	if err != nil {
		return Registration{}, err
	}
	client, err := parseDocument(id, body)
	if err != nil {
		return Registration{}, err
	}
	d.cache.put(id, client)
	return client, nil
}

func (d *documents) fetch(ctx context.Context, id string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, id, nil)
	if err != nil {
		return nil, refuse(invalidClient, "the client id is no URL")
	}
	request.Header.Set("Accept", "application/json")
	response, err := d.client.Do(request)
	if err != nil {
		return nil, refuse(invalidClient, "the client ID metadata document cannot be fetched: "+reason(err))
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, refuse(invalidClient, fmt.Sprintf("the client ID metadata document was answered with status %d, not 200", response.StatusCode))
	}
	if kind, _, err := mime.ParseMediaType(response.Header.Get("Content-Type")); err != nil || kind != "application/json" && !strings.HasSuffix(kind, "+json") {
		return nil, refuse(invalidClient, "the client ID metadata document is not served as JSON")
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxDocument+1))
	if err != nil || len(body) > maxDocument {
		return nil, refuse(invalidClient, "the client ID metadata document cannot be read, or has more than 16 KiB")
	}
	return body, nil
}

// reason is the innermost cause of a failed request, without the URL.
func reason(err error) string {
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return failed.Err.Error()
	}
	return err.Error()
}

// parseDocument checks that a document describes the client it was fetched for. It has no secret: a document
// is public.
func parseDocument(id string, body []byte) (Registration, error) {
	var document struct {
		ID string `json:"client_id"`
		clientMetadata
	}
	if err := json.Unmarshal(body, &document); err != nil {
		return Registration{}, refuse(invalidClient, "the client ID metadata document is not a JSON object with client metadata")
	}
	if document.ID != id {
		return Registration{}, refuse(invalidClient, "client_id in the client ID metadata document is not the URL it was fetched from")
	}
	if document.AuthMethod != "" && document.AuthMethod != authNone {
		return Registration{}, refuse(invalidClient, "a client with a client ID metadata document is public here: token_endpoint_auth_method must be none")
	}
	if err := document.normalize(); err != nil {
		return Registration{}, err
	}
	return Registration{ID: id, Name: document.Name, RedirectURIs: document.RedirectURIs}, nil
}

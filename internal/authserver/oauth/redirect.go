package oauth

import (
	"errors"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// maxRedirectURI bounds a redirect URI in bytes, maxRedirectURIs how many a client may have.
const (
	maxRedirectURI  = 2048
	maxRedirectURIs = 20
)

// checkRedirectURI says what is wrong with a redirect URI, for use in an error description. Allowed are https,
// http on loopback, and the private-use schemes of native apps (RFC 8252 section 7).
func checkRedirectURI(uri string) error {
	u, err := url.Parse(uri)
	switch {
	case err != nil || !u.IsAbs() || len(uri) > maxRedirectURI:
		return errors.New("a redirect URI must be an absolute URI of 2048 bytes at most")
	case strings.ContainsFunc(uri, func(c rune) bool { return c <= ' ' || c > '~' }):
		return errors.New("a redirect URI must be ASCII without spaces")
	case strings.Contains(uri, "#"):
		return errors.New("a redirect URI must have no fragment")
	case u.User != nil:
		return errors.New("a redirect URI must have no user name")
	case u.Scheme == "http" && !Loopback(u.Hostname()):
		return errors.New("a redirect URI with http must be on loopback")
	case u.Scheme == "https" && u.Hostname() == "":
		return errors.New("a redirect URI with https must have a host")
	case runsInBrowser(u.Scheme):
		return errors.New("a redirect URI must be https, http on loopback, or have the scheme of an app")
	}
	return nil
}

// runsInBrowser tells the schemes that belong to browsers and other known programs from those of apps. RFC 8252
// section 7.1 wants reverse domain names for the latter, but editors in wide use have short ones.
func runsInBrowser(scheme string) bool {
	return slices.Contains([]string{
		"about", "blob", "chrome", "data", "file", "filesystem", "ftp", "jar", "javascript", "mailto", "sms",
		"tel", "urn", "vbscript", "view-source", "ws", "wss",
	}, scheme)
}

// sameRedirect compares a redirect URI with a registered one, byte by byte. Only the port may differ, and only
// for http on loopback, where an app takes the port that is free (RFC 8252 section 7.3).
func sameRedirect(registered, requested string) bool {
	return registered == requested || withoutPort(registered) == withoutPort(requested)
}

// withoutPort cuts the port out of an http URI on loopback and leaves every other URI as it is.
func withoutPort(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "http" || !Loopback(u.Hostname()) {
		return uri
	}
	return strings.Replace(uri, "://"+u.Host, "://"+u.Hostname(), 1)
}

// Loopback reports whether a host is this machine, by name or by address.
func Loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// withQuery adds parameters to a URI and keeps its own query as it is.
func withQuery(uri string, parameters url.Values) string {
	separator := "?"
	if strings.Contains(uri, "?") {
		separator = "&"
	}
	return uri + separator + parameters.Encode()
}

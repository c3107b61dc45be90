package oauth

import (
	"net/url"
	"testing"
)

// FuzzRedirect looks for a redirect URI that passes for a registered one and leads elsewhere: only the port of
// http on loopback may differ.
func FuzzRedirect(f *testing.F) {
	for _, pair := range [][2]string{
		{"http://127.0.0.1/cb", "http://127.0.0.1:80/cb"},
		{"http://[::1]:1/cb?x=://[::1]:1", "http://[::1]/cb?x=://[::1]:1"},
		{"http://localhost:9/", "http://localhost:9@evil.example/"},
		{"https://app.example/cb", "https://app.example/cb#x"},
		{"cursor://login/cb", "cursor://login:1/cb"},
	} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, registered, requested string) {
		if checkRedirectURI(registered) != nil || !sameRedirect(registered, requested) {
			return
		}
		if err := checkRedirectURI(requested); err != nil {
			t.Fatalf("%q passes for %q: %v", requested, registered, err)
		}
		if registered == requested {
			return
		}
		known, err := url.Parse(registered)
		if err != nil {
			t.Fatal(err)
		}
		asked, err := url.Parse(requested)
		if err != nil {
			t.Fatal(err)
		}
		known.Host, asked.Host = known.Hostname(), asked.Hostname()
		if known.String() != asked.String() || asked.Scheme != "http" || !Loopback(asked.Host) {
			t.Fatalf("%q passes for %q", requested, registered)
		}
	})
}

package interop_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// useAsWebPage logs in from a web page, which Chromium lets do and see only what CORS allows, and keeps the page from what is
// not for pages.
func (k kit) useAsWebPage(t *testing.T, s site) {
	browser := findBrowser(t)
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
	}))
	t.Cleanup(page.Close)
	var report struct {
		Refused, Status int
		Scope, Answer   string
		Intrusions      []int
	}
	k.run(t, "webpage.mjs", map[string]string{"browser": browser, "page": page.URL + "/", "url": s.url}, &report)
	if report.Refused != http.StatusUnauthorized || report.Status != http.StatusOK {
		t.Errorf("the page got %d, and %d with a token", report.Refused, report.Status)
	}
	if report.Scope != readScope || !strings.Contains(report.Answer, "Hello, Ada!") {
		t.Errorf("the page got scope %q and the answer %s", report.Scope, report.Answer)
	}
	if !slices.Equal(report.Intrusions, []int{http.StatusForbidden, http.StatusForbidden}) {
		t.Errorf("what is not for pages answered the page with %v", report.Intrusions)
	}
	if got := s.grants(t); !slices.Equal(got, []string{"authorization_code"}) {
		t.Errorf("the authorization server saw %v", got)
	}
}

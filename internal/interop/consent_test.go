package interop_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/authserver"
)

// picturesVariable names a directory in which the pictures of the pages are kept.
const picturesVariable = "MCPAUTH_PICTURES"

// visit is the argument of consent.mjs.
type visit struct {
	Browser  string            `json:"browser"`
	Pictures string            `json:"pictures"`
	Pages    map[string]string `json:"pages,omitempty"`
	Act      *act              `json:"act,omitempty"`
}

// act is what to do on the consent page: press keys, or click a user and a button.
type act struct {
	URL    string   `json:"url"`
	Keys   []string `json:"keys,omitempty"`
	User   string   `json:"user,omitempty"`
	Button string   `json:"button,omitempty"`
}

// sight is what consent.mjs prints.
type sight struct {
	// Seen has what was seen of each page in each window.
	Seen map[string]map[string]struct {
		Scripts  int // script elements
		Overflow int // pixels that a reader has to scroll sideways
		Passed   int // rules of accessibility that are kept
		Problems []string
	}
	Answer struct {
		Title, Heading string
		Scopes, Users  []string
		Complaints     []string // of the browser, about what the page's policy forbids
	}
}

// testConsent answers the consent page in Chromium.
func testConsent(t *testing.T, k kit) {
	t.Parallel()
	browser := findBrowser(t)
	t.Run("looked at", func(t *testing.T) {
		t.Parallel()
		a := newApplication(t)
		v := visit{Browser: browser, Pictures: pictures(t), Pages: map[string]string{
			"consent": a.authorizationURL(),
			"error":   strings.Replace(a.authorizationURL(), "client_id=", "client_id=no-", 1),
		}}
		var s sight
		k.run(t, "consent.mjs", v, &s)
		checkSight(t, s)
	})
	t.Run("allowed with the keyboard, as another user", func(t *testing.T) {
		t.Parallel()
		a := newApplication(t)
		keys := []string{"Tab", "ArrowDown", "Tab", "Enter"}
		var s sight
		k.run(t, "consent.mjs", visit{Browser: browser, Pictures: pictures(t), Act: &act{URL: a.authorizationURL(), Keys: keys}}, &s)
		checkQuestion(t, s)
		if subject := a.finish(t); !strings.Contains(s.Answer.Users[1], subject) || subject == authserver.DefaultSubject {
			t.Errorf("the token is %s's, not that of %q", subject, s.Answer.Users[1])
		}
	})
	t.Run("allowed with the mouse", func(t *testing.T) {
		t.Parallel()
		a := newApplication(t)
		var s sight
		k.run(t, "consent.mjs", visit{Browser: browser, Act: &act{URL: a.authorizationURL(), User: "Katherine Johnson", Button: "Allow"}}, &s)
		if subject := a.finish(t); !strings.Contains(s.Answer.Users[2], subject) {
			t.Errorf("the token is %s's, not that of %q", subject, s.Answer.Users[2])
		}
	})
	t.Run("denied", func(t *testing.T) {
		t.Parallel()
		a := newApplication(t)
		var s sight
		k.run(t, "consent.mjs", visit{Browser: browser, Act: &act{URL: a.authorizationURL(), Button: "Deny"}}, &s)
		checkQuestion(t, s)
		if q := a.back(t); q.Get("error") != "access_denied" || q.Has("code") {
			t.Errorf("the application was told %v", q)
		}
	})
}

// checkSight wants the pages to be readable in every window, by everybody, without a script.
func checkSight(t *testing.T, s sight) {
	t.Helper()
	for _, page := range []string{"consent", "error"} {
		if len(s.Seen[page]) != 3 {
			t.Errorf("page %s was seen in %d windows", page, len(s.Seen[page]))
		}
		for window, seen := range s.Seen[page] {
			if seen.Scripts != 0 || seen.Overflow > 0 || seen.Passed < 10 || len(seen.Problems) > 0 {
				t.Errorf("page %s, %s window: %+v", page, window, seen)
			}
		}
	}
}

// checkQuestion wants the page to say who asks for what, and the browser to have nothing to complain about.
func checkQuestion(t *testing.T, s sight) {
	t.Helper()
	a := s.Answer
	if !strings.Contains(a.Title, "Interop client") || !strings.Contains(a.Heading, "Interop client") {
		t.Errorf("title %q, heading %q", a.Title, a.Heading)
	}
	if len(a.Scopes) != 2 || !strings.Contains(a.Scopes[0], readScope) || !strings.Contains(a.Scopes[1], "offline_access") {
		t.Errorf("the scopes are %q", a.Scopes)
	}
	if len(a.Complaints) > 0 {
		t.Errorf("the browser says %q", a.Complaints)
	}
	if len(a.Users) < 2 {
		t.Fatalf("the users are %q", a.Users)
	}
}

// findBrowser returns the path of Chromium.
func findBrowser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	unavailable(t, "there is no Chromium", "install it, on Debian with apt-get install chromium")
	return ""
}

// pictures returns the directory for pictures.
func pictures(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv(picturesVariable); dir != "" {
		return dir
	}
	return t.TempDir()
}

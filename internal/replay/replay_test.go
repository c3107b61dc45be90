package replay_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mcpauth/mcpauth/internal/replay"
)

// program is a handler as a program that is started anew for each visit.
func program(t *testing.T, handler http.HandlerFunc) *replay.Visitor {
	return &replay.Visitor{Start: func(context.Context) (replay.Instance, error) {
		server := httptest.NewServer(handler)
		t.Cleanup(server.Close)
		return replay.Instance{Origin: server.URL, Ended: make(chan struct{}), Stop: func() error { server.Close(); return nil }}, nil
	}}
}

func visit(t *testing.T, v *replay.Visitor, requests []replay.Request, passes int) [][]replay.Answer {
	t.Helper()
	answers, err := v.Visit(t.Context(), requests, passes, nil)
	if err != nil {
		t.Fatal(err)
	}
	return answers
}

func compare(t *testing.T, before, after http.HandlerFunc, path string) replay.Row {
	t.Helper()
	requests := []replay.Request{{Method: "GET", Path: path, Route: path, Position: "main.go:1"}}
	patched := visit(t, program(t, after), requests, 1)[0]
	answers := replay.Answers{Before: visit(t, program(t, before), requests, 2), After: patched, Bare: patched}
	return replay.Compare(requests, answers, func(replay.Request) bool { return false })[0]
}

func says(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Add(header[i], header[i+1])
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

// counting answers with the number of requests so far, and with a header that stays the same.
func counting(header string) http.HandlerFunc {
	n := new(atomic.Int64)
	n.Store(100)
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Steady", header)
		fmt.Fprint(w, n.Add(1))
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		before, after http.HandlerFunc
		want          replay.Verdict
		fields        string
	}{
		{"the same", says(200, "a", "X-A", "1"), says(200, "a", "X-A", "1"), replay.Identical, ""},
		{"another day", says(200, "a", "Date", "Mon, 02 Jan 2006 15:04:05 GMT"), says(200, "a"), replay.Identical, ""},
		{"another status", says(200, "a"), says(404, "a"), replay.Differs, "status"},
		{"another body", says(200, "a"), says(200, "b"), replay.Differs, "body"},
		{"a header more", says(200, "a"), says(200, "a", "X-A", "1"), replay.Differs, "header X-A"},
		{"a header less", says(200, "a", "X-A", "1"), says(200, "a"), replay.Differs, "header X-A"},
		{"a header twice", says(200, "a", "X-A", "1"), says(200, "a", "X-A", "1", "X-A", "1"), replay.Differs, "header X-A"},
		{"a redirect", says(302, "", "Location", "/x"), says(302, "", "Location", "/y"), replay.Differs, "header Location"},
		{"a counter", counting("a"), says(200, "999", "X-Steady", "a"), replay.Varies, "body"},
		{"a counter with one figure more", counting("a"), says(200, "9999", "X-Steady", "a"), replay.Varies, "body header Content-Length"},
		{"a counter that starts alike", counting("a"), counting("a"), replay.Identical, ""},
		{"a counter that lost a header", counting("a"), says(200, "999"), replay.Differs, "header X-Steady"},
		{"a counter that fails", counting("a"), says(500, "999", "X-Steady", "a"), replay.Differs, "status"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			row := compare(t, c.before, c.after, "/x")
			var fields []string
			for _, f := range row.Fields {
				fields = append(fields, f.Name)
			}
			if row.Verdict != c.want || strings.Join(fields, " ") != c.fields {
				t.Errorf("got %s, want %s in %q", row, c.want, c.fields)
			}
		})
	}
}

func TestWithoutSettingsRoutesAnswerToo(t *testing.T) {
	t.Parallel()
	requests := []replay.Request{{Method: "GET", Path: "/x"}}
	good, bad := visit(t, program(t, says(200, "a")), requests, 1), visit(t, program(t, says(503, "b")), requests, 1)
	never := func(replay.Request) bool { return false }
	row := replay.Compare(requests, replay.Answers{Before: good, After: good[0], Bare: bad[0]}, never)[0]
	if row.Verdict != replay.Differs || !row.Without || !strings.Contains(row.String(), "without settings\n") {
		t.Errorf("got %+v", row)
	}
}

func TestAnnouncedRoutesAreClosed(t *testing.T) {
	t.Parallel()
	requests := []replay.Request{{Method: "GET", Path: "/x"}}
	always := func(replay.Request) bool { return true }
	answer := func(status int) []replay.Answer { return visit(t, program(t, says(status, "")), requests, 1)[0] }
	for _, c := range []struct {
		after, bare int
		want        replay.Verdict
		without     bool
	}{
		{401, 503, replay.Announced, false},
		{200, 503, replay.Differs, false},
		{401, 200, replay.Differs, true},
	} {
		answers := replay.Answers{Before: [][]replay.Answer{answer(200)}, After: answer(c.after), Bare: answer(c.bare)}
		if row := replay.Compare(requests, answers, always)[0]; row.Verdict != c.want || row.Without != c.without {
			t.Errorf("%d and %d: got %+v", c.after, c.bare, row)
		}
	}
}

func TestHostIsSent(t *testing.T) {
	t.Parallel()
	v := program(t, func(w http.ResponseWriter, r *http.Request) { w.Header().Set("X-Host", r.Host) })
	answer := visit(t, v, []replay.Request{{Method: "GET", Host: "b.example", Path: "/"}}, 1)[0][0]
	if got := answer.Header.Get("X-Host"); got != "b.example" {
		t.Errorf("got %q", got)
	}
}

func TestCookiesAreNotShown(t *testing.T) {
	t.Parallel()
	row := compare(t, says(200, "", "Set-Cookie", "session=4711"), says(200, "", "Set-Cookie", "session=0815"), "/x")
	if row.Verdict != replay.Differs || strings.Contains(row.String(), "4711") || strings.Contains(row.String(), "0815") {
		t.Errorf("got %s", row)
	}
}

// TestProgramThatEnds has one route that ends the program, as panics in goroutines do.
func TestProgramThatEnds(t *testing.T) {
	t.Parallel()
	starts, stops := 0, 0
	v := &replay.Visitor{Start: func(context.Context) (replay.Instance, error) {
		starts++
		ended := make(chan struct{})
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/panic" {
				close(ended)
				panic(http.ErrAbortHandler)
			}
			fmt.Fprint(w, "here")
		}))
		t.Cleanup(server.Close)
		return replay.Instance{Origin: server.URL, Ended: ended, Stop: func() error { stops++; return nil }}, nil
	}}
	requests := []replay.Request{{Method: "GET", Path: "/panic"}, {Method: "GET", Path: "/a"}, {Method: "GET", Path: "/panic"}, {Method: "GET", Path: "/b"}}
	answers := visit(t, v, requests, 1)[0]
	for i, want := range []string{"the program ended", "200", "the program ended", "200"} {
		if got := answers[i].Outcome(); got != want {
			t.Errorf("%s: %s, want %s", requests[i].Path, got, want)
		}
	}
	if starts != 3 || stops != 1 {
		t.Errorf("%d starts, %d stops", starts, stops)
	}
	if _, err := v.Visit(t.Context(), slices.Repeat(requests, 10), 1, nil); err == nil || !strings.Contains(err.Error(), "again and again") {
		t.Errorf("got %v", err)
	}
}

func TestStreamIsComparedAsFarAsItsHeader(t *testing.T) {
	t.Parallel()
	stream := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	v := program(t, stream)
	v.Patience = time.Second / 5
	answer := visit(t, v, []replay.Request{{Method: "GET", Path: "/"}}, 1)[0][0]
	if answer.Body != "not finished in time" || answer.Status != 200 || answer.Header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("got %+v", answer)
	}
}

func TestVisitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	stopped := false
	v := program(t, func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() })
	start := v.Start
	v.Start = func(ctx context.Context) (replay.Instance, error) {
		instance, err := start(ctx)
		stop := instance.Stop
		instance.Stop = func() error { stopped = true; return stop() }
		return instance, err
	}
	if _, err := v.Visit(ctx, []replay.Request{{Method: "GET", Path: "/"}}, 1, nil); !errors.Is(err, context.Canceled) || !stopped {
		t.Errorf("got %v, stopped: %v", err, stopped)
	}
}

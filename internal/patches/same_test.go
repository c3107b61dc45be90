package patches_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mcpauth/mcpauth/internal/run"
	"github.com/mcpauth/mcpauth/internal/run/runtest"
)

// asked returns the requests of the case: one a paragraph, without version, Host and Connection.
func (c patchCase) asked() []string {
	text, _ := c.file("requests")
	var requests []string
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		if paragraph = strings.TrimSpace(paragraph); paragraph != "" {
			requests = append(requests, paragraph)
		}
	}
	return requests
}

// checkSame wants every byte of the program's own answers to be as it was before, but for dates and the address.
func (c patchCase) checkSame(t *testing.T, before, origin string) {
	t.Helper()
	port := strconv.Itoa(runtest.Port(t))
	command := run.Command{Path: before, Dir: t.TempDir(), Env: run.Environment(os.Environ(), []string{"HOST=127.0.0.1", "PORT=" + port})}
	old := "127.0.0.1:" + port
	process, err := run.StartHealthy(t.Context(), t.Context(), command, http.DefaultClient, "http://"+old+strings.Fields(c.keys["route"])[1], 0)
	if err != nil {
		t.Fatal(err)
	}
	defer process.Stop()
	address := strings.TrimPrefix(origin, "http://")
	for _, request := range c.asked() {
		want, got := converse(t, old, request), converse(t, address, request)
		if want != got {
			t.Errorf("%s\nbefore:\n%s\nafter:\n%s", request, want, got)
		}
		if !strings.HasPrefix(want, "HTTP/1.1 ") {
			t.Errorf("%s: %q is no answer", request, want)
		}
	}
}

// converse sends a request by hand and returns the bytes that come back, also those after an upgrade.
func converse(t *testing.T, address, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	lines := strings.Split(request, "\n")
	lines[0] += " HTTP/1.1"
	lines = append(lines, "Host: "+address)
	if !strings.Contains(request, "\nConnection: ") {
		lines = append(lines, "Connection: close")
	}
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprint(conn, strings.Join(lines, "\r\n")+"\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatalf("%s: %v after %q", request, err, answer)
	}
	return changing.ReplaceAllString(strings.ReplaceAll(string(answer), address, "ADDRESS"), "")
}

// changing is what differs from one answer to the next.
var changing = regexp.MustCompile(`(?m)^Date: .*\n`)

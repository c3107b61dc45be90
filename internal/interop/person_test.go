package interop_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"sync"
	"testing"
	"time"
)

// patience is how long a program may take on a busy machine.
const patience = time.Minute

// A person reads what a program says, and goes to the first authorization URL that it shows them.
type person struct {
	visit func(url string) error
	mu    sync.Mutex // a program's stdout and stderr arrive side by side
	said  bytes.Buffer
	login string
	gone  sync.WaitGroup
	err   error
}

// runAttended runs a program with Node.js to its end and returns its stdout. A person reads it all; login is where they went.
func (k kit) runAttended(t *testing.T, env []string, program string, args ...string) (stdout, login string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c := exec.CommandContext(ctx, k.node, append([]string{k.bin(program)}, args...)...)
	c.Dir, c.Env = t.TempDir(), env
	p, out := &person{visit: func(url string) error { return authorize(ctx, url) }}, &bytes.Buffer{}
	c.Stdout, c.Stderr = io.MultiWriter(out, p), p
	err := c.Run()
	if err != nil {
		cancel() // there is nobody to go back to
	}
	p.gone.Wait()
	if err != nil || p.err != nil {
		t.Fatalf("%s: %v; login: %v; it said:\n%s", program, err, p.err, p.said.Bytes())
	}
	return out.String(), p.login
}

var authorizationURL = regexp.MustCompile(`(http://\S+/oauth/authorize\?\S+)\n`)

func (p *person) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.said.Write(b)
	if found := authorizationURL.FindSubmatch(p.said.Bytes()); p.login == "" && found != nil {
		p.login = string(found[1])
		p.gone.Go(func() { p.err = p.visit(p.login) })
	}
	return len(b), nil
}

// authorize goes to an authorization URL, and where it sends people back to. A program may show the URL before it listens.
func authorize(ctx context.Context, url string) error {
	redirect, err := get(ctx, url)
	if err != nil {
		return err
	}
	back := redirect.Header.Get("Location")
	if back == "" {
		return fmt.Errorf("the authorization server answered %s, and sends nobody back", redirect.Status)
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		answer, err := get(ctx, back)
		if err == nil && answer.StatusCode != http.StatusOK {
			err = fmt.Errorf("the program answered %s", answer.Status)
		}
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return err
		}
	}
}

// get does not follow redirects.
func get(ctx context.Context, url string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	return response, response.Body.Close()
}

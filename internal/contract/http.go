package contract

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	requestTimeout  = 15 * time.Second
	maxResponseBody = 4 << 20
	maxIdle         = 32
)

// field is one line of a request header. A name may be repeated.
type field struct{ name, value string }

// request is an HTTP request that can be sent, and shown as a curl line.
type request struct {
	method string
	url    string
	fields []field
	body   []byte
	// tokens are shown as $TOKEN wherever they appear, and secret as $SECRET.
	tokens []string
	secret string
	// note is appended to the curl line, for what curl alone does not say.
	note string
}

// with returns a copy of the request with more header lines.
func (r request) with(fields ...field) request {
	r.fields = append(slices.Clone(r.fields), fields...)
	return r
}

// bearer returns a copy of the request that carries token.
func (r request) bearer(token string) request {
	return r.hiding(token).with(field{"Authorization", "Bearer " + token})
}

// hiding returns a copy of the request that shows token as $TOKEN.
func (r request) hiding(token string) request {
	r.tokens = append(slices.Clone(r.tokens), token)
	return r
}

// exchange is a request with its answer, or with the reason why there is none.
type exchange struct {
	request request
	status  int
	header  http.Header
	body    []byte
	took    time.Duration
	err     error
}

// is reports whether there is an answer with one of these status codes.
func (e exchange) is(codes ...int) bool { return e.err == nil && slices.Contains(codes, e.status) }

// client sends requests to one site. It follows no redirect and uses no proxy.
type client struct {
	tls    *tls.Config
	pooled *http.Client
	single *http.Client
	budget *budget
	// home is the only origin that may see a token. Empty means that none may.
	home string
	// memory saves a server in production from being asked the same twice. It may be nil.
	memory *memory
}

// newClient returns a client whose tokens stay with the origin home. A nil dialer means the default one.
func newClient(home string, config *tls.Config, dialer *net.Dialer, b *budget) *client {
	if dialer == nil {
		dialer = &net.Dialer{Timeout: requestTimeout}
	}
	build := func(keepAlive bool) *http.Client {
		return &http.Client{
			Timeout: requestTimeout,
			Transport: &http.Transport{
				DialContext:         dialer.DialContext,
				TLSClientConfig:     config,
				DisableKeepAlives:   !keepAlive,
				DisableCompression:  true,
				MaxIdleConnsPerHost: maxIdle,
				// HTTP/1.1 only: repeated and odd header lines are to arrive as they are written.
				TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{},
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	return &client{tls: config, pooled: build(true), single: build(false), budget: b, home: home}
}

func (c *client) close() {
	c.pooled.CloseIdleConnections()
	c.single.CloseIdleConnections()
}

// send sends r on a pooled connection, and once more on a new one if the server closed that connection
// just now, as it may do at any time with one that is idle.
func (c *client) send(ctx context.Context, r request) exchange {
	if e, known := c.memory.recall(r); known {
		return e
	}
	e := c.do(ctx, c.pooled, r)
	if e.cutOff() && ctx.Err() == nil {
		e = c.do(ctx, c.single, r)
	}
	c.memory.keep(e)
	return e
}

// cutOff reports whether the connection ended before the answer.
func (e exchange) cutOff() bool {
	var network net.Error
	var operation *net.OpError
	switch {
	case e.err == nil, errors.Is(e.err, errBudget), errors.Is(e.err, errForeign):
		return false
	case errors.As(e.err, &operation) && operation.Op == "dial":
		return false
	}
	return errors.Is(e.err, io.EOF) || errors.As(e.err, &network) && !network.Timeout()
}

// sendAlone sends r on a connection of its own.
func (c *client) sendAlone(ctx context.Context, r request) exchange { return c.do(ctx, c.single, r) }

func (c *client) do(ctx context.Context, via *http.Client, r request) exchange {
	e := exchange{request: r}
	if e.err = c.admit(r); e.err != nil {
		return e
	}
	began := time.Now()
	defer func() { e.took = time.Since(began) }()
	req, err := http.NewRequestWithContext(ctx, r.method, r.url, bytes.NewReader(r.body))
	if err != nil {
		e.err = err
		return e
	}
	for _, f := range r.fields {
		if strings.EqualFold(f.name, "Host") {
			req.Host = f.value
			continue
		}
		req.Header[http.CanonicalHeaderKey(f.name)] = append(req.Header[http.CanonicalHeaderKey(f.name)], f.value)
	}
	response, err := via.Do(req)
	if err != nil {
		e.err = err
		return e
	}
	defer response.Body.Close()
	e.status, e.header = response.StatusCode, response.Header
	if r.method == http.MethodGet && e.isStream() {
		return e // which has no end
	}
	e.body, e.err = io.ReadAll(io.LimitReader(response.Body, maxResponseBody))
	e.took = time.Since(began)
	return e
}

// dial opens a connection to the site at address, for requests that net/http would not send.
func (c *client) dial(ctx context.Context, scheme, address string) (net.Conn, error) {
	if err := c.budget.spend(request{}); err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: requestTimeout}
	if scheme == "https" {
		return (&tls.Dialer{NetDialer: dialer, Config: c.tls}).DialContext(ctx, "tcp", address)
	}
	return dialer.DialContext(ctx, "tcp", address)
}

// String describes the answer in one line, without tokens.
func (e exchange) String() string {
	if e.err != nil {
		return e.request.elide("no answer: " + e.err.Error())
	}
	parts := []string{fmt.Sprintf("%d %s", e.status, http.StatusText(e.status))}
	for _, name := range []string{"Www-Authenticate", "Location", "Retry-After", "Content-Type"} {
		for _, value := range e.header[name] {
			parts = append(parts, name+": "+value)
		}
	}
	if text := strings.Join(strings.Fields(string(e.body)), " "); text != "" {
		// Half a token would not be recognized any more.
		parts = append(parts, shorten(e.request.elide(text)))
	}
	return e.request.elide(strings.Join(parts, "; "))
}

// maxShown bounds how much of a body or a value is shown.
const maxShown = 300

func shorten(text string) string {
	if len(text) <= maxShown {
		return text
	}
	return strings.ToValidUTF8(text[:maxShown], "") + "…"
}

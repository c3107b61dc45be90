// Package replay asks a program the same questions before and after it was patched, and compares the answers.
//
// It asks with GET, HEAD and OPTIONS alone, the methods that change nothing (RFC 9110 section 9.2.1). What a program answers
// differently by itself, such as the time, is found by asking the unpatched one more than once.
package replay

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"time"
)

// Methods are those that are sent.
func Methods() []string { return []string{http.MethodGet, http.MethodHead, http.MethodOptions} }

// A Request is sent to the unpatched program and to the patched one.
type Request struct {
	Method string `json:"method"`
	Host   string `json:"host,omitempty"` // empty for that of the address
	Path   string `json:"path"`
	// Route is the pattern that the path was made of, Position where it is registered. Both are empty for a path that
	// the program does not name.
	Route    string `json:"route,omitempty"`
	Position string `json:"position,omitempty"`
}

// An Answer is what is compared.
type Answer struct {
	Status int
	Header http.Header // without Date
	Body   string      // its digest, or why it has none
	// Failure says why there is no answer: the connection broke, or nothing came in time.
	Failure string
}

// An Instance is a running program.
type Instance struct {
	Origin string // scheme, host and port
	Ended  <-chan struct{}
	Stop   func() error
}

// A Start starts the program and returns it once it accepts connections.
type Start func(context.Context) (Instance, error)

// DefaultPatience is how long an answer may take.
const DefaultPatience = 3 * time.Second

const (
	// largest is how much of a body is compared.
	largest = 1 << 20
	// maxStarts bounds how often a program is started that ends when it is asked something.
	maxStarts = 10
	// lastWords is how long the end of a program may take to show after a connection broke.
	lastWords = time.Second
)

// What stands in the place of an answer or a digest.
const (
	failureEnded   = "the program ended"
	failureBroken  = "the connection broke"
	failureSilent  = "no answer in time"
	bodyUnfinished = "not finished in time"
	bodyBroken     = "broken off"
)

// A Visitor asks a program that it starts, and starts again when the program ends in the middle.
type Visitor struct {
	Start Start
	TLS   *tls.Config // nil for http
	// Patience is how long an answer may take. A stream that goes on is compared as far as its header. Zero means
	// DefaultPatience.
	Patience time.Duration

	client   *http.Client
	instance Instance
	starts   int
}

// errFragile says that a program has ended too often to go on.
var errFragile = errors.New("the program ends again and again while it is asked for its routes")

// Visit asks all requests in order, as often as passes says, and returns the answers of each pass. between is called before
// each pass but the first; it may be nil. The program is stopped at the end.
func (v *Visitor) Visit(ctx context.Context, requests []Request, passes int, between func(context.Context) error) (answers [][]Answer, err error) {
	v.client = newClient(v.TLS)
	if err := v.start(ctx); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, v.instance.Stop()) }()
	for pass := range passes {
		if pass > 0 && between != nil {
			if err := between(ctx); err != nil {
				return nil, err
			}
		}
		list := make([]Answer, len(requests))
		for i, r := range requests {
			if list[i], err = v.ask(ctx, r); err != nil {
				return nil, err
			}
		}
		answers = append(answers, list)
	}
	return answers, nil
}

func (v *Visitor) start(ctx context.Context) error {
	if v.starts++; v.starts > maxStarts {
		return errFragile
	}
	instance, err := v.Start(ctx)
	if err == nil {
		v.instance = instance
	}
	return err
}

// newClient follows no redirect, keeps no connection and asks no proxy: each answer depends on its request alone.
func newClient(trust *tls.Config) *http.Client {
	return &http.Client{
		Transport:     &http.Transport{TLSClientConfig: trust, DisableKeepAlives: true, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// ask sends one request. A program that has ended is started again for the next one.
func (v *Visitor) ask(ctx context.Context, r Request) (Answer, error) {
	a := v.send(ctx, r)
	if err := ctx.Err(); err != nil {
		return a, err
	}
	if a.Failure == "" && a.Body != bodyBroken {
		return a, nil
	}
	select {
	case <-v.instance.Ended:
		return Answer{Failure: failureEnded}, v.start(ctx)
	case <-time.After(lastWords):
		return a, nil
	}
}

func (v *Visitor) send(ctx context.Context, r Request) Answer {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(v.Patience, DefaultPatience))
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, r.Method, v.instance.Origin+r.Path, nil)
	if err != nil {
		return Answer{Failure: "no request can be made of the path"}
	}
	request.Host = r.Host
	response, err := v.client.Do(request)
	switch {
	case err != nil && ctx.Err() != nil:
		return Answer{Failure: failureSilent}
	case err != nil:
		return Answer{Failure: failureBroken}
	}
	defer response.Body.Close()
	response.Header.Del("Date")
	return Answer{Status: response.StatusCode, Header: response.Header, Body: digest(ctx, response.Body)}
}

// digest is that of a body's beginning.
func digest(ctx context.Context, body io.Reader) string {
	hash := sha256.New()
	n, err := io.Copy(hash, io.LimitReader(body, largest))
	switch {
	case err != nil && ctx.Err() != nil:
		return bodyUnfinished
	case err != nil:
		return bodyBroken
	case n == 0:
		return "empty"
	}
	return "sha256:" + hex.EncodeToString(hash.Sum(nil))
}

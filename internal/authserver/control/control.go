// Package control asks a running local authorization server, as mcpauth dev runs one, for what it does at its
// endpoints under /dev/: tokens, rotated keys, outages. It talks to this machine only.
package control

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"
)

// A Client asks the local authorization server that runs somewhere on this machine.
type Client struct {
	environment string
	client      *http.Client
}

const (
	timeout   = 10 * time.Second
	maxAnswer = 16 << 20 // the request log is the largest
)

// A RefusedError says that the authorization server does not do as it is asked.
type RefusedError struct {
	Status int
	Text   string
}

func (e *RefusedError) Error() string { return fmt.Sprintf("refused with %d: %s", e.Status, e.Text) }

// ErrNotRunning says that nothing answers at the environment's URL.
var ErrNotRunning = errors.New("no local authorization server answers")

// New returns a client of the authorization server at a URL of this machine. It talks to loopback addresses
// only, whatever names, proxies and redirects say.
func New(environment string) (*Client, error) {
	if _, _, err := LocalAddress(environment); err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Control: func(_, address string, _ syscall.RawConn) error {
		host, _, err := net.SplitHostPort(address)
		if ip := net.ParseIP(host); err != nil || !ip.IsLoopback() {
			return fmt.Errorf("%s is not an address of this machine", address)
		}
		return nil
	}}
	return &Client{
		environment: strings.TrimSuffix(environment, "/"),
		client: &http.Client{
			Timeout:       timeout,
			Transport:     &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// A TokenRequest says what token is wanted. What is left out is as in a good token.
type TokenRequest struct {
	Scope      *string        `json:"scope,omitempty"` // space separated; empty: no scope at all
	Audience   []string       `json:"audience,omitempty"`
	Subject    string         `json:"subject,omitempty"`
	ExpiresIn  int            `json:"expires_in,omitempty"` // seconds
	IssuerForm string         `json:"issuer_form,omitempty"`
	Claims     map[string]any `json:"claims,omitzero"` // all that differs from a good token without scopes; null leaves one out
	Bad        string         `json:"bad,omitempty"`   // kind of a bad token
}

// A Token is what the authorization server made.
type Token struct {
	AccessToken string          `json:"access_token"`
	ExpiresIn   int             `json:"expires_in"` // seconds; negative when it has expired, 0 where there is no telling
	Claims      json.RawMessage `json:"claims"`     // null where the payload is no JSON object
}

// A BadKind is a kind of token that every server must refuse.
type BadKind struct {
	Kind string `json:"kind"`
	Why  string `json:"why"`
}

// Token asks for a token.
func (c *Client) Token(ctx context.Context, wanted TokenRequest) (Token, error) {
	var token Token
	err := c.Post(ctx, "token", wanted, &token)
	if err == nil && token.AccessToken == "" {
		err = errors.New("the answer holds none")
	}
	if err != nil {
		return Token{}, fmt.Errorf("asking %s for a token: %w", c.environment, err)
	}
	return token, nil
}

// BadKinds lists the kinds of bad tokens there are.
func (c *Client) BadKinds(ctx context.Context) ([]BadKind, error) {
	var kinds []BadKind
	if err := c.Get(ctx, "bad", &kinds); err != nil {
		return nil, fmt.Errorf("asking %s for the kinds of bad tokens: %w", c.environment, err)
	}
	return kinds, nil
}

// Get asks an endpoint for what it knows: bad, keys, faults, issuer or requests.
func (c *Client) Get(ctx context.Context, endpoint string, answer any) error {
	return c.ask(ctx, http.MethodGet, endpoint, nil, answer)
}

// Post orders something of an endpoint: token, keys, faults or issuer.
func (c *Client) Post(ctx context.Context, endpoint string, order, answer any) error {
	body, err := json.Marshal(order)
	if err != nil {
		return fmt.Errorf("writing the order: %w", err)
	}
	return c.ask(ctx, http.MethodPost, endpoint, body, answer)
}

func (c *Client) ask(ctx context.Context, method, endpoint string, body []byte, answer any) error {
	path := "/dev/" + endpoint
	request, err := http.NewRequestWithContext(ctx, method, c.environment+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := c.client.Do(request)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("%w: %w", ErrNotRunning, cause(err))
	}
	defer response.Body.Close()
	data, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	switch {
	case err != nil:
		return err
	case response.StatusCode == http.StatusNotFound:
		return errors.New("who answers there is not mcpauth dev: it has no " + path)
	case response.StatusCode != http.StatusOK:
		return refusal(response.StatusCode, data)
	}
	if err := json.Unmarshal(data, answer); err != nil {
		return fmt.Errorf("the answer is not understood: %w", err)
	}
	return nil
}

// cause is why a request failed, without the URL, which the caller names.
func cause(err error) error {
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return failed.Err
	}
	return err
}

// refusal reads why: an error in OAuth's form, or plain text.
func refusal(status int, body []byte) error {
	var answer struct {
		Description string `json:"error_description"`
	}
	text := string(body)
	if json.Unmarshal(body, &answer) == nil && answer.Description != "" {
		text = answer.Description
	}
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' ' // the terminal is not for others to control
		}
		return r
	}, text)
	return &RefusedError{status, fmt.Sprintf("%.300s", strings.TrimSpace(text))}
}

// LocalAddress returns host and port of the URL of an authorization server that can be served on this machine.
func LocalAddress(environment string) (host string, port int, err error) {
	u, err := url.Parse(environment)
	if err != nil {
		return "", 0, fmt.Errorf("%q is not a URL", environment)
	}
	host = strings.ToLower(u.Hostname())
	local := host == "localhost" || net.ParseIP(host).IsLoopback()
	if !local || u.Scheme != "http" || u.User != nil || strings.Trim(u.Path, "/")+u.RawQuery+u.Fragment != "" {
		return "", 0, fmt.Errorf("%q is not http://localhost:PORT, or another address of this machine", u.Redacted())
	}
	port, err = strconv.Atoi(cmp.Or(u.Port(), "80"))
	return host, port, err
}

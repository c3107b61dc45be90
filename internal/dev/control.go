package dev

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
	"unicode"
)

// A Control asks the local authorization server that runs somewhere on this machine.
type Control struct {
	environment string
	client      *http.Client
}

const (
	controlTimeout = 10 * time.Second
	maxAnswer      = 1 << 20
)

// A RefusedError says that the authorization server does not do as it is asked.
type RefusedError struct {
	Status int
	Text   string
}

func (e *RefusedError) Error() string { return fmt.Sprintf("refused with %d: %s", e.Status, e.Text) }

// ErrNotRunning says that nothing answers at the environment's URL.
var ErrNotRunning = errors.New("no local authorization server answers")

// NewControl returns the control of the authorization server at a URL of this machine. It talks to loopback addresses
// only, whatever names, proxies and redirects say.
func NewControl(environment string) (*Control, error) {
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
	return &Control{
		environment: strings.TrimSuffix(environment, "/"),
		client: &http.Client{
			Timeout:       controlTimeout,
			Transport:     &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// A TokenRequest says what token is wanted. What is left out is as in a good token.
type TokenRequest struct {
	Scope      *string  `json:"scope,omitempty"` // space separated; empty: no scope at all
	Audience   []string `json:"audience,omitempty"`
	Subject    string   `json:"subject,omitempty"`
	ExpiresIn  int      `json:"expires_in,omitempty"` // seconds
	IssuerForm string   `json:"issuer_form,omitempty"`
	Bad        string   `json:"bad,omitempty"` // kind of a bad token
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
func (c *Control) Token(ctx context.Context, wanted TokenRequest) (Token, error) {
	body, err := json.Marshal(wanted)
	if err != nil {
		return Token{}, fmt.Errorf("asking for a token: %w", err)
	}
	var token Token
	err = c.ask(ctx, http.MethodPost, "/dev/token", bytes.NewReader(body), &token)
	if err == nil && token.AccessToken == "" {
		err = errors.New("the answer holds none")
	}
	if err != nil {
		return Token{}, fmt.Errorf("asking %s for a token: %w", c.environment, err)
	}
	return token, nil
}

// BadKinds lists the kinds of bad tokens there are.
func (c *Control) BadKinds(ctx context.Context) ([]BadKind, error) {
	var kinds []BadKind
	if err := c.ask(ctx, http.MethodGet, "/dev/bad", nil, &kinds); err != nil {
		return nil, fmt.Errorf("asking %s for the kinds of bad tokens: %w", c.environment, err)
	}
	return kinds, nil
}

func (c *Control) ask(ctx context.Context, method, path string, body io.Reader, answer any) error {
	request, err := http.NewRequestWithContext(ctx, method, c.environment+path, body)
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
		cause := err
		if failed, ok := errors.AsType[*url.Error](err); ok {
			cause = failed.Err // without the URL, which the caller names
		}
		return fmt.Errorf("%w: %w", ErrNotRunning, cause)
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

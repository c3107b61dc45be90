package remote

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/mcpauth/mcpauth/internal/authserver/control"
)

// Environment, ResourceID and Issuer are what the server under test was configured with.
func (i *Issuer) Environment() string { return i.environment }

// ResourceID is the res_… id.
func (i *Issuer) ResourceID() string { return i.resourceID }

// Issuer is the identifier in authorization_servers.
func (i *Issuer) Issuer() string { return i.issuer }

// Mint makes a good token with claims laid over the defaults; a nil value leaves a claim out.
func (i *Issuer) Mint(claims map[string]any) (string, error) {
	if claims == nil {
		claims = map[string]any{}
	}
	return i.token(control.TokenRequest{Claims: claims})
}

// Bad makes a bad token.
func (i *Issuer) Bad(kind string) (string, error) { return i.token(control.TokenRequest{Bad: kind}) }

func (i *Issuer) token(order control.TokenRequest) (string, error) {
	token, err := i.client.Token(context.Background(), order)
	i.note(err)
	return token.AccessToken, err
}

// BadKinds names the kinds of bad tokens.
func (i *Issuer) BadKinds() []string {
	names := make([]string, 0, len(i.kinds))
	for _, kind := range i.kinds {
		names = append(names, kind.Kind)
	}
	return names
}

// Why says why a kind must be refused.
func (i *Issuer) Why(kind string) string {
	for _, k := range i.kinds {
		if k.Kind == kind {
			return k.Why
		}
	}
	return ""
}

type keyState struct {
	Signing string `json:"signing"`
}

// KeyID is the key that signs now.
func (i *Issuer) KeyID() string {
	var state keyState
	i.note(i.client.Get(context.Background(), "keys", &state))
	return state.Signing
}

// Rotate makes a new key and returns its id.
func (i *Issuer) Rotate() string {
	var state keyState
	i.order("keys", map[string]bool{"rotate": true}, &state)
	return state.Signing
}

// Withdraw stops publishing a key.
func (i *Issuer) Withdraw(kid string) bool {
	var state keyState
	return i.order("keys", map[string]string{"withdraw": kid}, &state)
}

// order reports whether an order was carried out.
func (i *Issuer) order(endpoint string, order, answer any) bool {
	err := i.client.Post(context.Background(), endpoint, order, answer)
	i.note(err)
	return err == nil
}

func (i *Issuer) fault(name string, value any) {
	var state map[string]any
	i.order("faults", map[string]any{name: value}, &state)
}

// Outage, Hang, Bloat and Slow make the endpoint of the keys misbehave.
func (i *Issuer) Outage(on bool) { i.fault("outage", on) }

// Hang makes it never answer.
func (i *Issuer) Hang(on bool) { i.fault("hang", on) }

// Bloat makes it answer with megabytes of padding.
func (i *Issuer) Bloat(on bool) { i.fault("bloat", on) }

// Slow delays its answers.
func (i *Issuer) Slow(delay time.Duration) { i.fault("slow", delay.String()) }

// counters are what the authorization server has counted since it was started.
type counters struct {
	Fetches int `json:"fetches"`
	Tokens  int `json:"tokens"`
}

func (i *Issuer) counters() (now counters) {
	i.note(i.client.Get(context.Background(), "counters", &now))
	return now
}

// Fetches counts the requests for the keys since Find.
func (i *Issuer) Fetches() int { return i.counters().Fetches - i.before.Fetches }

// TokensReceived counts the requests since Find that carried an access token.
func (i *Issuer) TokensReceived() int { return i.counters().Tokens - i.before.Tokens }

// Err is the first question that was not answered, nil if there is none.
func (i *Issuer) Err() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.failed
}

// note remembers that the authorization server did not answer. To refuse is an answer.
func (i *Issuer) note(err error) {
	if refused, ok := errors.AsType[*control.RefusedError](err); err == nil || ok && refused.Status == http.StatusBadRequest {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.failed == nil {
		i.failed = err
	}
}

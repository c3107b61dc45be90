// Package remote controls a local authorization server that runs in another process, as mcpauth dev runs one, so
// that a server which somebody else has started can be checked with it.
package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/mcpauth/mcpauth/internal/contract"
)

const (
	timeout   = 10 * time.Second
	maxAnswer = 64 << 20 // the request log is the largest
)

// Issuer is a running local authorization server. Its methods ask it each time; what it does not answer is
// seen by the checks as a server that does not keep the contract.
type Issuer struct {
	environment, resourceID, issuer string
	client                          *http.Client
	kinds                           []badKind
	tokens                          int // received before the walk
}

type badKind struct {
	Kind string `json:"kind"`
	Why  string `json:"why"`
}

var _ contract.Issuer = (*Issuer)(nil)

// Find returns the authorization server with this issuer, ENV/resources/RES, if it can be controlled. It talks to
// nobody but this machine, whatever names and redirects say.
func Find(ctx context.Context, issuer string) (*Issuer, bool) {
	environment, id, split := strings.Cut(issuer, "/resources/")
	if !split {
		return nil, false
	}
	i := &Issuer{environment: environment, resourceID: id, issuer: issuer, client: &http.Client{
		Timeout:       timeout,
		Transport:     &http.Transport{DialContext: (&net.Dialer{Control: loopbackOnly}).DialContext},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	if err := i.ask(ctx, http.MethodGet, "bad", nil, &i.kinds); err != nil || len(i.kinds) == 0 {
		return nil, false
	}
	i.tokens = i.count(func(r request) bool { return r.Token })
	return i, true
}

func loopbackOnly(_, address string, _ syscall.RawConn) error {
	host, _, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err != nil || !ip.IsLoopback() {
		return fmt.Errorf("%s is not an address of this machine", address)
	}
	return nil
}

// ask sends a request to a control endpoint, with a JSON body unless it is nil, and reads the answer into answer.
func (i *Issuer) ask(ctx context.Context, method, endpoint string, body, answer any) error {
	var content io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("asking the local authorization server: %w", err)
		}
		content = bytes.NewReader(encoded)
	}
	r, err := http.NewRequestWithContext(ctx, method, i.environment+"/dev/"+endpoint, content)
	if err != nil {
		return fmt.Errorf("asking the local authorization server: %w", err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	response, err := i.client.Do(r)
	if err != nil {
		return fmt.Errorf("asking the local authorization server: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("asking the local authorization server for %s: it answers %s", endpoint, response.Status)
	}
	return json.NewDecoder(io.LimitReader(response.Body, maxAnswer)).Decode(answer)
}

// tell is ask where nobody waits for an error: the checks see the effect, or that there is none.
func (i *Issuer) tell(endpoint string, body, answer any) bool {
	method := http.MethodPost
	if body == nil {
		method = http.MethodGet
	}
	return i.ask(context.Background(), method, endpoint, body, answer) == nil
}

// Package trial runs a person's program as it was and as it was patched, to show that it still starts, that its routes answer
// as they did, and that the endpoint which was added keeps the contract.
//
// The programs are started here, on this machine, with what the person says they need. Everything that they print may hold
// secrets of the person's: it is shown without those that are known, and only its end.
package trial

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/mcpauth/mcpauth/internal/check"
	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/contract/stand"
	"github.com/mcpauth/mcpauth/internal/run"
)

// A Program is one program in two builds, and how it is started.
type Program struct {
	// Before is the build without the patch, After the one with it. Both run under the name in Stage, of which
	// there is no file: programs show where they are.
	Before, After, Stage string
	// Args and Env are what the person gives it, Env as NAME=value. stand.PortPlaceholder in them stands for the port.
	Args, Env []string
	// Dir is its working directory.
	Dir string
	// URL is where it listens: scheme, host and port, which may be stand.PortPlaceholder. Empty means: find out.
	URL string
	// MCPPath is where the patch puts the endpoint, Scopes what its sample tool requires.
	MCPPath string
	Scopes  []string
	// Hidden are values that are never shown.
	Hidden []string
	// StartTimeout bounds each start. Zero means run.DefaultStartTimeout.
	StartTimeout time.Duration
}

// A Place is where the program serves.
type Place struct {
	Origin string // scheme, host and port
	// Movable says that the program listens at the port it is told, so that several can run at a time.
	Movable bool

	tls *tls.Config
}

// WellKnown is a path of the endpoint that needs no token (RFC 9728 section 3).
const WellKnown = "/.well-known/oauth-protected-resource"

// ErrNowhere says that a program runs, and that the endpoint is at none of its addresses.
var ErrNowhere = errors.New("the program runs, but its MCP endpoint cannot be reached")

// A StartError says that the program does not start with what it was given, patched or not.
type StartError struct {
	Err     error
	Printed string // its last words, without what is hidden
}

func (e StartError) Error() string {
	return "starting the program: " + e.Err.Error() + "; it printed last:\n" + e.Printed
}

func (e StartError) Unwrap() error { return e.Err }

// server puts a build where it runs, and describes it for package stand.
func (p Program) server(build string) (stand.Server, error) {
	err := os.Remove(p.Stage)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		err = os.Link(build, p.Stage)
	}
	if err != nil {
		return stand.Server{}, fmt.Errorf("preparing to start the program: %w", err)
	}
	return stand.Server{
		Path: p.Stage, Args: p.Args, Dir: p.Dir, Env: run.Environment(os.Environ(), p.Env),
		Ready: WellKnown, MCPPath: p.MCPPath, Scopes: p.Scopes, StartTimeout: p.startTimeout(),
	}, nil
}

// start starts a build at an origin, without settings.
func (p Program) start(ctx context.Context, build, origin string) (*run.Process, error) {
	server, err := p.server(build)
	if err != nil {
		return nil, err
	}
	return server.StartBare(ctx, origin)
}

func (p Program) startTimeout() time.Duration {
	if p.StartTimeout == 0 {
		return run.DefaultStartTimeout
	}
	return p.StartTimeout
}

// at describes the patched build where it was found.
func (p Program) at(place Place) (stand.Server, error) {
	s, err := p.server(p.After)
	s.TLS = place.tls
	if !place.Movable {
		s.Origin = place.Origin
	}
	return s, err
}

// Target starts the patched program against a local authorization server, as a target for the contract. The caller closes
// its site.
func (p Program) Target(ctx context.Context, place Place) (contract.Target, error) {
	server, err := p.at(place)
	if err != nil {
		return contract.Target{}, err
	}
	target, err := server.Target(ctx)
	target.Embedded, target.Hidden = true, p.hidden()
	return target, p.broken(err)
}

// broken is the error of a start with settings. Without them the program did start.
func (p Program) broken(err error) error {
	if errors.Is(err, run.ErrEnded) {
		return check.BrokenError{Text: "the patched program starts without its settings, but not with them: " + p.hide(err.Error())}
	}
	return p.Hide(err)
}

// Hide returns an error that shows none of the hidden values, nil for nil.
func (p Program) Hide(err error) error {
	if err == nil {
		return nil
	}
	return hiddenError{err, p.hide(err.Error())}
}

type hiddenError struct {
	error
	text string
}

func (e hiddenError) Error() string { return e.text }
func (e hiddenError) Unwrap() error { return e.error }

// hidden are the values that can be taken out of texts: shorter ones are parts of words.
func (p Program) hidden() []string {
	const shortest = 4
	return slices.DeleteFunc(slices.Clone(p.Hidden), func(value string) bool { return len(value) < shortest })
}

// hide takes what is hidden out of a text, and characters that would steer a terminal.
func (p Program) hide(text string) string {
	for _, value := range p.hidden() {
		text = strings.ReplaceAll(text, value, "…")
	}
	return strings.Map(func(c rune) rune {
		if c < ' ' && c != '\n' && c != '\t' || c == 0x7f || c >= 0x80 && c < 0xa0 {
			return -1
		}
		return c
	}, text)
}

// lastWords is the end of what a process has printed.
func (p Program) lastWords(process *run.Process) string {
	const lines, bytes = 15, 2000
	text := strings.TrimSpace(p.hide(string(process.Log())))
	text = strings.ToValidUTF8(text[max(0, len(text)-bytes):], "")
	list := strings.Split(text, "\n")
	text = strings.Join(list[max(0, len(list)-lines):], "\n")
	if text == "" {
		return "(nothing)"
	}
	return text
}

package trial

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/replay"
	"github.com/mcpauth/mcpauth/internal/run"
)

// Questions are what to ask the program before and after.
type Questions struct {
	Requests  []replay.Request
	Protected func(replay.Request) bool // announced to need a token
	Added     []string                  // paths that the patch answers
}

// secondThoughts is how long the unpatched program is left alone before it is asked once more: long enough for a clock of
// seconds to move.
const secondThoughts = 1200 * time.Millisecond

// Compare asks the unpatched program, the patched one without settings, and the patched one with them. What differs is asked of
// the unpatched program again, at the end: it may differ by itself.
func (p Program) Compare(ctx context.Context, place Place, q Questions) (table replay.Table, err error) {
	if !place.Movable {
		return p.compareAt(ctx, place, q)
	}
	port, err := run.ReservePort()
	if err != nil {
		return table, err
	}
	defer func() { err = errors.Join(err, port.Release()) }()
	if place, err = place.moved(port.Number); err != nil {
		return table, err
	}
	return p.compareAt(ctx, place, q)
}

// compareAt starts all of them at the same address, since programs show it.
func (p Program) compareAt(ctx context.Context, place Place, q Questions) (table replay.Table, err error) {
	requests := slices.Clone(q.Requests)
	for _, path := range q.Added {
		requests = append(requests, replay.Request{Method: http.MethodGet, Path: path})
	}
	answers, err := p.ask(ctx, place, requests)
	if err != nil {
		return table, p.Hide(err)
	}
	if table = q.table(requests, answers); len(table.Of(replay.Differs)) == 0 {
		return table, nil
	}
	again, err := p.visit(p.bare(p.Before, place), place).Visit(ctx, requests, 2, pause)
	answers.Before = append(answers.Before, again...)
	return q.table(requests, answers), p.Hide(err)
}

// table compares the answers to all requests, those that the patch answers last: of them, the program may have answered some
// itself, and goes on.
func (q Questions) table(requests []replay.Request, answers replay.Answers) replay.Table {
	n := len(q.Requests)
	table := replay.Table{Rows: replay.Compare(requests[:n], answers, q.Protected)}
	added := answers.From(n)
	for i, row := range replay.Compare(requests[n:], added, func(replay.Request) bool { return false }) {
		if row.Verdict == replay.Differs {
			table.Added = append(table.Added, replay.Field{Name: row.Path, Before: added.Before[0][i].Outcome(), After: added.After[i].Outcome()})
		} else {
			table.Rows = append(table.Rows, row)
		}
	}
	return table
}

func (p Program) ask(ctx context.Context, place Place, requests []replay.Request) (a replay.Answers, err error) {
	if a.Before, err = p.visit(p.bare(p.Before, place), place).Visit(ctx, requests, 2, nil); err != nil {
		return a, fmt.Errorf("asking the program without the patch: %w", err)
	}
	bare, err := p.visit(p.bare(p.After, place), place).Visit(ctx, requests, 1, nil)
	if err != nil {
		return a, fmt.Errorf("asking the patched program without settings: %w", err)
	}
	after, err := p.visit(p.configured(place), place).Visit(ctx, requests, 1, nil)
	if err != nil {
		return a, fmt.Errorf("asking the patched program: %w", err)
	}
	a.Bare, a.After = bare[0], after[0]
	return a, nil
}

func pause(ctx context.Context) error {
	select {
	case <-time.After(secondThoughts):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (place Place) moved(port int) (Place, error) {
	u, err := url.Parse(place.Origin)
	if err != nil {
		return place, fmt.Errorf("moving %s: %w", place.Origin, err)
	}
	place.Origin, place.Movable = origin(u.Scheme, u.Hostname(), port), false
	return place, nil
}

func (p Program) visit(start replay.Start, place Place) *replay.Visitor {
	return &replay.Visitor{Start: start, TLS: place.tls}
}

// bare starts a build without settings, and waits until it accepts connections.
func (p Program) bare(build string, place Place) replay.Start {
	return func(ctx context.Context) (replay.Instance, error) {
		process, err := p.start(ctx, build, place.Origin)
		if err != nil {
			return replay.Instance{}, err
		}
		if err := p.awaitOpen(ctx, process, place); err != nil {
			return replay.Instance{}, errors.Join(err, process.Stop())
		}
		return replay.Instance{Origin: place.Origin, Ended: process.Done(), Stop: process.Stop}, nil
	}
}

func (p Program) awaitOpen(ctx context.Context, process *run.Process, place Place) error {
	waiting, cancel := context.WithTimeout(ctx, p.startTimeout())
	defer cancel()
	address := strings.TrimPrefix(strings.TrimPrefix(place.Origin, "http://"), "https://")
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for !accepts(waiting, process, address) {
		select {
		case <-ticker.C:
		case <-process.Done():
			code, _ := process.Wait(ctx)
			return StartError{fmt.Errorf("%w with code %d", run.ErrEnded, code), p.lastWords(process)}
		case <-waiting.Done():
			return StartError{fmt.Errorf("it does not listen at %s: %w", address, waiting.Err()), p.lastWords(process)}
		}
	}
	return nil
}

// accepts says whether the process takes connections at an address. Somebody else could listen there, where systems tell.
func accepts(ctx context.Context, process *run.Process, address string) bool {
	if listening, err := process.Listening(); err == nil {
		_, port, _ := net.SplitHostPort(address)
		if !slices.ContainsFunc(listening, func(l netip.AddrPort) bool { return strconv.Itoa(int(l.Port())) == port }) {
			return false
		}
	}
	connection, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", address)
	return err == nil && connection.Close() == nil
}

// configured starts the patched build with a local authorization server.
func (p Program) configured(place Place) replay.Start {
	return func(ctx context.Context) (replay.Instance, error) {
		server, err := p.at(place)
		if err != nil {
			return replay.Instance{}, err
		}
		site, err := server.Open(ctx, func(contract.Issuer) {})
		if err != nil {
			return replay.Instance{}, p.broken(err)
		}
		return replay.Instance{Origin: place.Origin, Ended: ended(ctx, site.Process), Stop: site.Close}, nil
	}
}

// ended is closed when the process has ended.
func ended(ctx context.Context, process contract.Process) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		if _, err := process.Wait(ctx); err == nil {
			close(done)
		}
	}()
	return done
}

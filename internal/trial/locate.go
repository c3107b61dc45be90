package trial

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/mcpauth/mcpauth/internal/check"
	"github.com/mcpauth/mcpauth/internal/contract/stand"
	"github.com/mcpauth/mcpauth/internal/run"
)

// pollInterval is the time between two looks at a starting program.
const pollInterval = 20 * time.Millisecond

// closedText is what the endpoint answers without its settings, and how it is told from other servers of the program.
const closedText = "the MCP endpoint is not configured"

// Locate starts the patched program without settings, finds where it serves the endpoint, and checks that the endpoint is
// closed there and that the log says why. The error is a check.BrokenError when the patch is at fault.
func (p Program) Locate(ctx context.Context) (place Place, err error) {
	port, err := run.ReservePort()
	if err != nil {
		return place, err
	}
	defer func() { err = errors.Join(err, port.Release()) }()
	process, err := p.start(ctx, p.After, origin("http", "127.0.0.1", port.Number))
	if err != nil {
		return place, err
	}
	place, err = p.find(ctx, process, port.Number)
	if err == nil {
		err = p.checkClosed(ctx, process, place)
	}
	err = errors.Join(err, process.Stop())
	if starting, ok := errors.AsType[StartError](err); ok && errors.Is(err, run.ErrEnded) {
		err = p.blame(ctx, starting, port.Number)
	}
	return place, err
}

func origin(scheme, host string, port int) string {
	return scheme + "://" + net.JoinHostPort(host, strconv.Itoa(port))
}

// find waits until one of the addresses answers as the endpoint does.
func (p Program) find(ctx context.Context, process *run.Process, told int) (Place, error) {
	waiting, cancel := context.WithTimeout(ctx, p.startTimeout())
	defer cancel()
	client := newClient()
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		for _, candidate := range p.candidates(process, told) {
			if status, body := get(waiting, client, candidate+WellKnown); status == http.StatusServiceUnavailable && strings.Contains(body, closedText) {
				return newPlace(candidate, told), nil
			}
		}
		select {
		case <-ticker.C:
		case <-process.Done():
			code, _ := process.Wait(ctx)
			return Place{}, StartError{fmt.Errorf("%w with code %d", run.ErrEnded, code), p.lastWords(process)}
		case <-waiting.Done():
			if err := ctx.Err(); err != nil {
				return Place{}, err
			}
			return Place{}, StartError{fmt.Errorf("%w within %v%s", ErrNowhere, p.startTimeout(), listens(process)), p.lastWords(process)}
		}
	}
}

func newPlace(origin string, told int) Place {
	place := Place{Origin: origin}
	u, err := url.Parse(origin)
	place.Movable = err == nil && u.Port() == strconv.Itoa(told) && u.Hostname() == "127.0.0.1"
	if strings.HasPrefix(origin, "https:") {
		place.tls = anyCertificate()
	}
	return place
}

// anyCertificate trusts a program that was started here, at an address of this machine, whatever its certificate is for.
func anyCertificate() *tls.Config { return &tls.Config{InsecureSkipVerify: true} }

// candidates are the origins at which the process may serve.
func (p Program) candidates(process *run.Process, told int) []string {
	if p.URL != "" {
		return []string{strings.ReplaceAll(p.URL, stand.PortPlaceholder, strconv.Itoa(told))}
	}
	addresses, err := process.Listening()
	if err != nil {
		return []string{origin("http", "127.0.0.1", told), origin("https", "127.0.0.1", told)}
	}
	var list []string
	for _, address := range addresses {
		host := address.Addr().Unmap()
		if host.IsUnspecified() {
			host = netip.AddrFrom4([4]byte{127, 0, 0, 1})
		}
		if host.IsLoopback() { // no token goes over the network in clear text
			list = append(list, origin("http", host.String(), int(address.Port())), origin("https", host.String(), int(address.Port())))
		}
	}
	return list
}

// listens says where the process listens, as far as is known.
func listens(process *run.Process) string {
	addresses, err := process.Listening()
	switch {
	case err != nil:
		return ""
	case len(addresses) == 0:
		return "; it listens nowhere"
	}
	var list []string
	for _, address := range addresses {
		list = append(list, address.String())
	}
	return "; it listens at " + strings.Join(list, ", ")
}

// checkClosed wants the endpoint to answer 503, and one line of the log to say why.
func (p Program) checkClosed(ctx context.Context, process *run.Process, place Place) error {
	client := newClient()
	status, err := post(ctx, client, place.Origin+p.MCPPath)
	if err != nil {
		return err
	}
	if status != http.StatusServiceUnavailable {
		return check.BrokenError{Text: fmt.Sprintf("without its settings the endpoint is to be closed, but POST %s answers %d", p.MCPPath, status)}
	}
	const line = "answers 503: its configuration has problems"
	deadline := time.Now().Add(2 * time.Second)
	for ; time.Now().Before(deadline) && !strings.Contains(string(process.Log()), line); time.Sleep(pollInterval) {
	}
	if n := strings.Count(string(process.Log()), line); n != 1 {
		return check.BrokenError{Text: fmt.Sprintf("without its settings the program is to say once in its log why the endpoint answers 503, but it does so %d times", n)}
	}
	return nil
}

// blame finds out whether the program ends without the patch, too. Only then is it not the patch.
func (p Program) blame(ctx context.Context, patched StartError, port int) error {
	process, err := p.start(ctx, p.Before, origin("http", "127.0.0.1", port))
	if err != nil {
		return err
	}
	waiting, cancel := context.WithTimeout(ctx, p.startTimeout())
	defer cancel()
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		for _, candidate := range p.candidates(process, port) {
			if status, _ := get(waiting, newClient(), candidate); status != 0 {
				broken := check.BrokenError{Text: "the program starts without the patch, but not with it: " + patched.Error()}
				return errors.Join(broken, process.Stop())
			}
		}
		select {
		case <-ticker.C:
		case <-process.Done():
			return patched
		case <-waiting.Done():
			return errors.Join(patched, ctx.Err(), process.Stop())
		}
	}
}

// newClient asks once, of whoever listens there, and trusts any certificate.
func newClient() *http.Client {
	return &http.Client{
		Timeout:       time.Second,
		Transport:     &http.Transport{TLSClientConfig: anyCertificate(), DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// get returns the status and the beginning of the body, 0 without an answer.
func get(ctx context.Context, client *http.Client, url string) (int, string) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, ""
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, ""
	}
	defer response.Body.Close()
	const most = 1 << 10
	body, _ := io.ReadAll(io.LimitReader(response.Body, most)) // what came is enough
	return response.StatusCode, string(body)
}

func post(ctx context.Context, client *http.Client, url string) (int, error) {
	const message = `{"jsonrpc":"2.0","id":1,"method":"ping"}`
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(message))
	if err != nil {
		return 0, fmt.Errorf("asking the endpoint: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return 0, fmt.Errorf("asking the endpoint: %w", err)
	}
	return response.StatusCode, response.Body.Close()
}

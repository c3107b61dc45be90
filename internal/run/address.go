package run

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// pollInterval is the time between two attempts to reach a starting server.
const pollInterval = 10 * time.Millisecond

// ErrEnded says that a server has ended before it answered.
var ErrEnded = errors.New("the server ended")

// DefaultStartTimeout is how long a server may take until it answers.
const DefaultStartTimeout = 30 * time.Second

// StartHealthy starts a server and returns once url answers 200, as AwaitHealthy does; zero means DefaultStartTimeout.
// A server that does not get so far is killed. The process ends with life; ctx only bounds the wait.
func StartHealthy(ctx, life context.Context, c Command, client *http.Client, url string, timeout time.Duration) (*Process, error) {
	p, err := Start(life, c)
	if err != nil {
		return nil, err
	}
	if timeout == 0 {
		timeout = DefaultStartTimeout
	}
	waiting, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if err := AwaitHealthy(waiting, p, client, url); err != nil {
		err = errors.Join(err, p.Kill())
		<-p.Done()
		return nil, err
	}
	return p, nil
}

// AwaitHealthy returns once url answers 200. It gives up when ctx ends or the process does, and then
// the error holds the end of the process's output. A nil client means the default one, without redirects.
func AwaitHealthy(ctx context.Context, p *Process, client *http.Client, url string) error {
	if client == nil {
		client = &http.Client{
			Timeout:       time.Second,
			Transport:     &http.Transport{DisableKeepAlives: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for !answers(ctx, client, url) {
		select {
		case <-ticker.C:
		case <-p.Done():
			code, _ := p.Wait(ctx)
			return fmt.Errorf("waiting for %s: %w with code %d: %s", url, ErrEnded, code, tail(p.Log()))
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w: %s", url, ctx.Err(), tail(p.Log()))
		}
	}
	return nil
}

func answers(ctx context.Context, client *http.Client, url string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// tailLength is how much output an error message carries.
const tailLength = 2000

func tail(output []byte) string {
	if len(output) == 0 {
		return "(no output)"
	}
	return string(output[max(0, len(output)-tailLength):])
}

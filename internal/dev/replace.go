package dev

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/mcpauth/mcpauth/internal/run"
)

// replace builds the server, stops the one that runs, and starts the new one. What fails before the stop leaves the old
// one running.
func (r *Runner) replace(ctx, life context.Context) error {
	start := time.Now()
	if err := r.rewire(); err != nil {
		return err
	}
	r.builds++
	scratch := filepath.Join(r.Scratch, strconv.Itoa(r.builds))
	command, err := r.Build(ctx, scratch)
	if err != nil {
		_ = os.RemoveAll(scratch) // the caller removes what is left
		return err
	}
	if err := r.stop(); err != nil {
		r.Logs.Problem(err)
	}
	if r.made != "" {
		_ = os.RemoveAll(r.made)
	}
	r.made = scratch
	if err := r.start(ctx, life, command); err != nil {
		return err
	}
	if r.ready {
		r.Logs.Line(DevName, "restarted in %v", time.Since(start).Round(10*time.Millisecond))
	}
	return nil
}

// rewire reads the settings again, which may have changed, but not where clients find the two servers.
func (r *Runner) rewire() error {
	if r.Rewire == nil || r.builds == 0 {
		return nil
	}
	now, err := r.Rewire()
	if err != nil {
		return err
	}
	if now.ServerURL != r.Wiring.ServerURL || now.Issuer() != r.Wiring.Issuer() {
		return fmt.Errorf("the settings name other URLs now, %s and %s: stop mcpauth dev and start it again", now.ServerURL, now.Issuer())
	}
	r.Wiring = now
	return nil
}

func (r *Runner) start(ctx, life context.Context, command []string) error {
	server, err := url.Parse(r.Wiring.ServerURL)
	if err != nil {
		return fmt.Errorf("starting the server: %w", err)
	}
	// Somebody else who answers on the port would pass for the server.
	if err := run.CheckFree(server.Hostname(), r.Wiring.Settings.Port); err != nil {
		return err
	}
	r.output = r.Logs.Stream(ServerName)
	grace := r.Grace
	if grace == 0 {
		grace = DefaultGrace
	}
	health := url.URL{Scheme: server.Scheme, Host: server.Host, Path: "/health"}
	process, err := run.StartHealthy(ctx, life, run.Command{
		Path: command[0], Args: command[1:], Dir: r.Dir,
		Env:      slices.Concat(r.Env, r.Wiring.Variables),
		Output:   r.output,
		Grace:    grace,
		LogLimit: keptLog,
	}, healthClient(), health.String(), 0)
	if err != nil {
		r.output.Flush()
		return err
	}
	r.process = process
	return nil
}

// healthClient asks whether the server answers, and nothing else: it sends no secret, so any certificate will do.
func healthClient() *http.Client {
	return &http.Client{
		Timeout:       time.Second,
		Transport:     &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// stop stops the server, if there is one.
func (r *Runner) stop() error {
	if r.process == nil {
		return nil
	}
	process := r.process
	r.process = nil
	err := process.Stop()
	r.output.Flush()
	if err == nil && process.Killed() {
		return ErrKilled
	}
	return err
}

package dev_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mcpauth/mcpauth/internal/dev"
	"github.com/mcpauth/mcpauth/internal/run"
)

func TestRunnerStopsInOrder(t *testing.T) {
	t.Parallel()
	s := start(t, "good", unchanged)
	s.awaitReady(t)
	s.stop()
	if err := s.awaitEnd(t); err != nil || !strings.Contains(s.out.String(), "server | asked to stop\n") {
		t.Errorf("%v\n%s", err, &s.out)
	}
}

func TestRunnerKillsAStubbornServer(t *testing.T) {
	t.Parallel()
	s := start(t, "stubborn", func(r *dev.Runner) { r.Grace = 100 * time.Millisecond })
	s.awaitReady(t)
	s.stop()
	if err := s.awaitEnd(t); !errors.Is(err, dev.ErrKilled) || !strings.Contains(s.out.String(), "asked to stop") {
		t.Errorf("%v\n%s", err, &s.out)
	}
}

func TestEndOfLifeKillsAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t, "stubborn", func(r *dev.Runner) { r.Grace = time.Hour })
	s.awaitReady(t)
	s.stop()
	s.out.await(t, "asked to stop", 1)
	s.kill()
	if err := s.awaitEnd(t); !errors.Is(err, context.Canceled) {
		t.Errorf("%v\n%s", err, &s.out)
	}
}

func TestRunnerReportsAServerThatEnds(t *testing.T) {
	t.Parallel()
	s := start(t, "good", unchanged)
	s.awaitReady(t)
	if _, err := http.Get(s.Wiring.ServerURL + "exit"); err == nil {
		t.Error("the server answered")
	}
	ended, ok := errors.AsType[*dev.EndedError](s.awaitEnd(t))
	if !ok || ended.Code != 3 || !strings.HasSuffix(ended.Last, "last words") {
		t.Errorf("got %v", ended)
	}
}

func TestRunnerReportsAServerThatDoesNotStart(t *testing.T) {
	t.Parallel()
	err := start(t, "broken", unchanged).awaitEnd(t)
	if err == nil || !strings.Contains(err.Error(), "code 7") || !strings.Contains(err.Error(), "cannot start") {
		t.Errorf("got %v", err)
	}
}

func TestInterruptionBeforeTheServerAnswers(t *testing.T) {
	t.Parallel()
	building := make(chan struct{})
	s := start(t, "good", func(r *dev.Runner) {
		r.Build = func(ctx context.Context, _ string) ([]string, error) {
			close(building)
			<-ctx.Done()
			return nil, ctx.Err()
		}
	})
	<-building
	s.stop()
	if err := s.awaitEnd(t); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestRunnerDoesNotTakeAStrangerForItsServer(t *testing.T) {
	t.Parallel()
	stranger := start(t, "good", unchanged)
	stranger.awaitReady(t)
	s := start(t, "good", func(r *dev.Runner) { r.Wiring = stranger.Wiring })
	select {
	case err := <-s.ended:
		if _, ok := errors.AsType[*run.TakenError](err); !ok {
			t.Errorf("got %v", err)
		}
	case <-s.readied:
		t.Error("ready, but a stranger answers")
	}
	stranger.stop()
	if err := stranger.awaitEnd(t); err != nil {
		t.Error(err)
	}
}

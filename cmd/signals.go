package cmd

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// interruptible returns a context that ends when somebody wants the program to end, so that everything is put back.
// Commands that write call it, and no other: catching signals costs a fifth of the time that --help takes.
func interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	keepOnBrokenPipe()
	return signal.NotifyContext(ctx, endings()...)
}

// signalGap is for how long after the first signal others are taken for the same: a terminal and a parent that passes
// signals on may each send one.
const signalGap = 500 * time.Millisecond

// stoppable is for commands that run until they are told to stop: the first signal ends ctx, so that everything is stopped
// in order, and another one ends life too, which kills. waiting is called when that becomes possible.
func stoppable(parent context.Context, waiting func()) (ctx, life context.Context, stop context.CancelFunc) {
	keepOnBrokenPipe()
	life, kill := context.WithCancel(parent)
	ctx, cancel := context.WithCancel(life)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, endings()...)
	go func() {
		defer kill()
		if !received(life, signals) {
			return
		}
		cancel()
		for gap := time.After(signalGap); ; {
			select {
			case <-signals:
				continue
			case <-life.Done():
				return
			case <-gap:
			}
			break
		}
		waiting()
		received(life, signals)
	}()
	return ctx, life, func() {
		signal.Stop(signals)
		kill()
	}
}

// received waits for a signal and says whether there was one before life ended.
func received(life context.Context, signals <-chan os.Signal) bool {
	select {
	case <-signals:
		return true
	case <-life.Done():
		return false
	}
}

func endings() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as nohup does
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

// keepOnBrokenPipe makes a reader of the output that has gone a failed write, not the end before everything is put back.
func keepOnBrokenPipe() {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
}

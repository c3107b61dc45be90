package cmd

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// interruptible returns a context that ends when somebody wants the program to end, so that everything is put back.
// Commands that write call it, and no other: catching signals costs a fifth of the time that --help takes.
func interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	ending := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as nohup does
		ending = append(ending, syscall.SIGHUP)
	}
	// A reader of standard output that has gone is a failed write, not the end before everything is put back.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return signal.NotifyContext(ctx, ending...)
}

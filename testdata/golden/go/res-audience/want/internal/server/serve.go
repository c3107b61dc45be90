package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"example.com/res-audience/internal/config"
)

const (
	maxHeader     = 12 << 10 // net/http adds 4 KiB
	shutdownGrace = 10 * time.Second
)

// Run serves handler until ctx ends, then lets the requests in flight finish.
func Run(ctx context.Context, cfg config.Config, handler http.Handler, log *slog.Logger) error {
	listener, err := net.Listen("tcp", cfg.Addr)
	if err != nil {
		return fmt.Errorf("listening on %s: %w", cfg.Addr, err)
	}
	return serve(ctx, cfg, listener, handler, log)
}

func serve(ctx context.Context, cfg config.Config, listener net.Listener, handler http.Handler, log *slog.Logger) error {
	srv := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		// No WriteTimeout: it would cut off tools that take longer.
	}
	served := make(chan error, 1)
	go func() {
		if cfg.TLSCert != "" {
			served <- srv.ServeTLS(listener, cfg.TLSCert, cfg.TLSKey)
		} else {
			served <- srv.Serve(listener)
		}
	}()
	log.Info("listening", "address", listener.Addr().String(), "mcp", cfg.Resource.String())

	select {
	case err := <-served:
		return fmt.Errorf("serving on %s: %w", cfg.Addr, err)
	case <-ctx.Done():
	}
	log.Info("shutting down")
	grace, cancel := context.WithTimeout(context.Background(), shutdownGrace)
	defer cancel()
	if err := srv.Shutdown(grace); err != nil {
		return errors.Join(fmt.Errorf("requests were still in flight after %v", shutdownGrace), srv.Close())
	}
	return nil
}

package run

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
)

// A TakenError says that somebody listens on a port already.
type TakenError struct {
	Port   int
	Holder string // for example "python3 (pid 123)"; empty where it cannot be found out
}

func (e *TakenError) Error() string {
	if e.Holder == "" {
		return fmt.Sprintf("port %d is taken", e.Port)
	}
	return fmt.Sprintf("port %d is taken by %s", e.Port, e.Holder)
}

// ListenLoopback listens on a port of this machine alone. For the name localhost that is 127.0.0.1 and, where there is
// one, ::1: clients resolve the name to either. The error is a [TakenError] when one of them is in use.
func ListenLoopback(host string, port int) ([]net.Listener, error) {
	var listeners []net.Listener
	addresses := []string{host}
	if host == "localhost" {
		addresses = []string{"127.0.0.1", "::1"}
	}
	for i, address := range addresses {
		if ip := net.ParseIP(address); !ip.IsLoopback() {
			return nil, fmt.Errorf("listening on %s: it is not a loopback address", address)
		}
		l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", net.JoinHostPort(address, strconv.Itoa(port)))
		switch {
		case errors.Is(err, addressInUse):
			closeAll(listeners) // first, so that this process is not found to be the holder
			return nil, &TakenError{Port: port, Holder: holder(port)}
		case err != nil && i == 0:
			return nil, err
		case err == nil:
			listeners = append(listeners, l)
		}
	}
	return listeners, nil
}

// CheckFree returns the error that ListenLoopback would.
func CheckFree(host string, port int) error {
	listeners, err := ListenLoopback(host, port)
	closeAll(listeners)
	return err
}

// NextFree returns the first port from start on that ListenLoopback would get, or 0 if there is none near.
func NextFree(host string, start int) int {
	const near = 100
	for port := start; port < start+near && port <= 65535; port++ {
		if CheckFree(host, port) == nil {
			return port
		}
	}
	return 0
}

func closeAll(listeners []net.Listener) {
	for _, l := range listeners {
		_ = l.Close() // nobody has used it
	}
}

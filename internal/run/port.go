package run

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
)

// A Port is a port of 127.0.0.1 to hand to a server. Until it is released nobody else is handed the same one, in
// this process or another: two servers that are started at one time could otherwise answer for each other.
type Port struct {
	Number int
	ticket net.Listener
}

const (
	// reach is the distance between a port and its ticket, a port of the system's choice that is held meanwhile.
	// It leads below the ports that systems choose by default, so that no outgoing connection takes the port either.
	reach = 28_000
	// privileged ports are those below it.
	privileged = 1024
	// maxTickets is how many ports are tried before it is clear that something else is wrong.
	maxTickets = 20
)

// ReservePort returns a port that nobody listens on.
func ReservePort() (port Port, err error) {
	var passed []net.Listener // held, so that each attempt gets another
	defer func() {
		for _, ticket := range passed {
			err = errors.Join(err, ticket.Close())
		}
	}()
	for range maxTickets {
		ticket, err := listen(0)
		if err != nil {
			return Port{}, fmt.Errorf("looking for a free port: %w", err)
		}
		if addr, ok := ticket.Addr().(*net.TCPAddr); ok && addr.Port >= privileged+reach && free(addr.Port-reach) {
			return Port{addr.Port - reach, ticket}, nil
		}
		passed = append(passed, ticket)
	}
	return Port{}, fmt.Errorf("looking for a free port: %d were taken", maxTickets)
}

// Release lets others have the port.
func (p Port) Release() error { return p.ticket.Close() }

func free(port int) bool {
	listener, err := listen(port)
	return err == nil && listener.Close() == nil
}

func listen(port int) (net.Listener, error) {
	return (&net.ListenConfig{}).Listen(context.Background(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
}

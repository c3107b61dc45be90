package run_test

import (
	"net"
	"strconv"
	"sync"
	"testing"

	"github.com/mcpauth/mcpauth/internal/run"
)

func TestReservedPortsAreFreeAndDiffer(t *testing.T) {
	t.Parallel()
	const many = 200
	ports := make([]run.Port, many)
	var group sync.WaitGroup
	for i := range ports {
		group.Go(func() {
			port, err := run.ReservePort()
			if err != nil {
				t.Error(err)
				return
			}
			ports[i] = port
		})
	}
	group.Wait()
	if t.Failed() {
		return
	}
	seen := map[int]bool{}
	for _, port := range ports {
		if seen[port.Number] {
			t.Errorf("%d was handed out twice", port.Number)
		}
		seen[port.Number] = true
		listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port.Number)))
		if err != nil {
			t.Error(err)
			continue
		}
		listener.Close()
		if err := port.Release(); err != nil {
			t.Error(err)
		}
	}
}

package run_test

import (
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/mcpauth/mcpauth/internal/run"
	"github.com/mcpauth/mcpauth/internal/run/runtest"
)

// TestListeningNamesTheAddress has a server listen by itself, and one that its parent has started.
func TestListeningNamesTheAddress(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"127.0.0.1", "0.0.0.0"} {
		for _, behaviour := range []string{"serve", "family"} {
			t.Run(host+" "+behaviour, func(t *testing.T) {
				t.Parallel()
				want := netip.MustParseAddrPort(fmt.Sprintf("%s:%d", host, runtest.Port(t)))
				p := start(t, child(behaviour, "ADDR="+want.String()))
				if runtime.GOOS != "linux" {
					if _, err := p.Listening(); !errors.Is(err, errors.ErrUnsupported) {
						t.Errorf("got %v", err)
					}
					return
				}
				got := awaitListening(t, p)
				if anywhere := netip.AddrPortFrom(netip.IPv6Unspecified(), want.Port()); want.Addr().IsUnspecified() && got[0] == anywhere {
					return // which is where Go listens for both families
				}
				if !slices.Equal(got, []netip.AddrPort{want}) {
					t.Errorf("listens at %v, want %v", got, want)
				}
			})
		}
	}
}

func awaitListening(t *testing.T, p *run.Process) []netip.AddrPort {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		got, err := p.Listening()
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("%v: %s", err, p.Log())
		}
		if len(got) > 0 {
			return got
		}
	}
}

func TestListeningIsEmptyForWhoDoesNot(t *testing.T) {
	t.Parallel()
	p := start(t, child("stubborn"))
	awaitOutput(t, p, "ready")
	if got, err := p.Listening(); len(got) > 0 || err != nil && !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("got %v, %v", got, err)
	}
}

package stand_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/contract/stand"
	"github.com/mcpauth/mcpauth/internal/run/runtest"
)

func TestArgumentsAndVariablesNameThePort(t *testing.T) {
	t.Parallel()
	s := server("serve")
	s.Env = append(s.Env, "LISTEN=:"+stand.PortPlaceholder, "PORT=0"+stand.PortPlaceholder)
	site, env := open(t, s, func(contract.Issuer) {})
	port := strings.TrimPrefix(env["LISTEN"], ":")
	if port == "" || env["PORT"] != "0"+port || !strings.Contains(site.URL, ":"+port+"/") {
		t.Errorf("%s: LISTEN %s, PORT %s", site.URL, env["LISTEN"], env["PORT"])
	}
}

func TestServerAtOnePlaceIsNotCopied(t *testing.T) {
	t.Parallel()
	s := server("serve")
	s.Origin, s.Ready = fmt.Sprintf("http://127.0.0.1:%d", runtest.Port(t)), "/env"
	target, err := s.Target(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	if target.URL != s.Origin+"/mcp" || target.NewSite != nil {
		t.Errorf("it is at %s, and has copies: %v", target.URL, target.NewSite != nil)
	}
	s.Origin = "http://127.0.0.1"
	if _, err := s.Target(t.Context()); err == nil || !strings.Contains(err.Error(), "names no port") {
		t.Errorf("got %v", err)
	}
}

func TestBareServerHasNoSettings(t *testing.T) {
	t.Parallel()
	origin := fmt.Sprintf("http://127.0.0.1:%d", runtest.Port(t))
	s := server("show")
	process, err := s.StartBare(t.Context(), origin)
	if err != nil {
		t.Fatal(err)
	}
	<-process.Done()
	log := string(process.Log())
	if !strings.Contains(log, "PORT="+origin[len("http://127.0.0.1:"):]) || !strings.Contains(log, "HOST=127.0.0.1") {
		t.Errorf("the environment is %s", log)
	}
	for _, name := range contract.SettingNames()[2:] {
		if strings.Contains(log, name) {
			t.Errorf("%s is set in %s", name, log)
		}
	}
}

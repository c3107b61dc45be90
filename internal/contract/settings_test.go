package contract_test

import (
	"slices"
	"testing"

	"github.com/mcpauth/mcpauth/internal/contract"
)

func TestSettingsBecomeVariables(t *testing.T) {
	t.Parallel()
	all := contract.Settings{
		Port: 1, Host: "h", EnvironmentURL: "e", ClientID: "i", ClientSecret: "s", Audience: "a", Metadata: []byte("{}"), TLSCertFile: "c", TLSKeyFile: "k",
	}
	want := []string{
		"PORT=1", "HOST=h", "SK_ENV_URL=e", "SK_CLIENT_ID=i", "SK_CLIENT_SECRET=s", "EXPECTED_AUDIENCE=a",
		"PROTECTED_RESOURCE_METADATA={}", "TLS_CERT_FILE=c", "TLS_KEY_FILE=k",
	}
	if got := all.Variables(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := (contract.Settings{}).Variables(); len(got) > 0 {
		t.Errorf("nothing set, got %q", got)
	}
}

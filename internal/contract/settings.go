package contract

import (
	"encoding/json"
	"strconv"
)

// Names of the configuration variables that bind a server to an authorization server and an address.
const (
	VarPort         = "PORT"
	VarHost         = "HOST"
	VarEnvironment  = "SK_ENV_URL"
	VarClientID     = "SK_CLIENT_ID"
	VarClientSecret = "SK_CLIENT_SECRET"
	VarAudience     = "EXPECTED_AUDIENCE"
	VarMetadata     = "PROTECTED_RESOURCE_METADATA"
	VarTLSCert      = "TLS_CERT_FILE"
	VarTLSKey       = "TLS_KEY_FILE"
)

// SettingNames are the variables that [Settings] may hold, in order.
func SettingNames() []string {
	return []string{VarPort, VarHost, VarEnvironment, VarClientID, VarClientSecret, VarAudience, VarMetadata, VarTLSCert, VarTLSKey}
}

// Settings are what a server is told at its start. What is empty is not told.
type Settings struct {
	Port                    int
	Host                    string
	EnvironmentURL          string
	ClientID, ClientSecret  string
	Audience                string
	Metadata                json.RawMessage // protected resource metadata
	TLSCertFile, TLSKeyFile string
}

// Variables are the settings, each NAME=value, in the order of SettingNames.
func (s Settings) Variables() []string {
	port := ""
	if s.Port != 0 {
		port = strconv.Itoa(s.Port)
	}
	values := []string{port, s.Host, s.EnvironmentURL, s.ClientID, s.ClientSecret, s.Audience, string(s.Metadata), s.TLSCertFile, s.TLSKeyFile}
	var variables []string
	for i, name := range SettingNames() {
		if values[i] != "" {
			variables = append(variables, name+"="+values[i])
		}
	}
	return variables
}

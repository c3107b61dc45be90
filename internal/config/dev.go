package config

import (
	"encoding/json"
	"strconv"
	"strings"
)

const sourceDev = "--dev"

// Dev makes up what is missing for work against the local authorization server, which listens on the next port.
func Dev(a Answers) {
	set := func(key, value string) {
		if _, answered := a[key]; !answered {
			a[key] = Answer{Value: value, Source: sourceDev}
		}
	}
	set(KeyMCPPath, defaultPath(a))
	set(KeyPort, "3002")
	port, _ := strconv.Atoi(a.Value(KeyPort))
	set(KeyEnvURL, "http://localhost:"+strconv.Itoa(port+1))
	set(KeyClientID, "")
	set(KeySecret, "")
	set(KeyScopes, sampleScope)
	resource := localURL(a)
	if audience := a.Value(KeyAudience); isURL(audience) {
		resource = audience
	}
	metadata, _ := json.Marshal(map[string]any{
		"authorization_servers":    []string{trimSlash(a.Value(KeyEnvURL)) + "/resources/" + devResource(a)},
		"bearer_methods_supported": []string{"header"},
		"resource":                 resource,
		"scopes_supported":         splitScopes(a.Value(KeyScopes)),
	})
	set(KeyMetadata, string(metadata))
	set(KeyAudience, resource)
}

func devResource(a Answers) string {
	if audience := a.Value(KeyAudience); strings.HasPrefix(audience, "res_") {
		return audience
	}
	return "res_1"
}

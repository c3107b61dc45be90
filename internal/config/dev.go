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
	if m, err := parseMetadata(a.Value(KeyMetadata)); err == nil {
		set(KeyEnvURL, environmentOf(m.servers[0])) // the rest has defaults
	}
	set(KeyMCPPath, defaultPath(a))
	set(KeyPort, "3002")
	set(KeyEnvURL, "http://localhost:"+neighbour(a.Value(KeyPort)))
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
	if _, given := a[KeyMetadata]; !given {
		set(KeyMetadata, string(metadata))
		set(KeyAudience, resource)
	}
}

// neighbour is the port of the local authorization server: the one after the server's, or before the last one.
func neighbour(port string) string {
	n, _ := strconv.Atoi(port)
	if n == 65535 {
		return strconv.Itoa(n - 1)
	}
	return strconv.Itoa(n + 1)
}

func devResource(a Answers) string {
	if audience := a.Value(KeyAudience); strings.HasPrefix(audience, "res_") {
		return audience
	}
	return "res_1"
}

package run

import (
	"slices"
	"strings"
)

// passed are the variables a program needs to run at all: where programs, caches and temporary files
// are, on any system, and how Go, Node and Python find their own. Configuration of a server is not among them.
func passed() []string {
	return []string{
		"PATH", "HOME", "USER", "LANG", "TMPDIR", "TMP", "TEMP",
		"SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA",
		"XDG_CACHE_HOME", "XDG_CONFIG_HOME",
		"GOCACHE", "GOENV", "GOFLAGS", "GOMODCACHE", "GONOPROXY", "GONOSUMDB", "GOPATH", "GOPRIVATE", "GOPROXY", "GOROOT", "GOSUMDB", "GOTOOLCHAIN",
		"NODE_EXTRA_CA_CERTS", "NPM_CONFIG_CACHE", "NPM_CONFIG_REGISTRY", "NPM_CONFIG_USERCONFIG",
		"PIP_CERT", "PIP_CONFIG_FILE", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_INDEX_URL", "PIP_TRUSTED_HOST", "PYENV_ROOT", "PYENV_VERSION",
		"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR",
	}
}

// Environment is what a child needs of the caller's environment, followed by vars, each NAME=value. Of
// two entries with one name the last counts. Everything else the caller has set is left behind.
func Environment(caller, vars []string) []string {
	names := passed()
	env := slices.DeleteFunc(slices.Clone(caller), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return !slices.Contains(names, strings.ToUpper(name))
	})
	return append(env, vars...)
}

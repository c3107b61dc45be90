package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/module"
)

// Limits of what is accepted, in bytes. An environment variable can hold 128 KiB at most on Linux.
const (
	maxMetadata = 64 << 10
	maxURL      = 2 << 10
	maxName     = 128
	maxSecret   = 1 << 10
)

var (
	placeholder = lazily(`<[^<>]+>`)
	hostname    = lazily(`^[A-Za-z0-9._:-]+$`)
	urlPath     = lazily(`^(/[A-Za-z0-9._~-]+)+$`)
	resourceID  = lazily(`^res_[0-9A-Za-z]+$`)
	scopeToken  = lazily(`^[!#-+\--\[\]-~]+$`) // RFC 6749 section 3.3, less the comma
)

// lazily returns the expression compiled when it is first used: most runs of the program use none.
func lazily(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

func checkPort(value string) error {
	port, err := strconv.Atoi(value)
	if err != nil || port < 1 || port > 65535 || strconv.Itoa(port) != value {
		return errors.New("not a port: use a number from 1 to 65535")
	}
	return nil
}

func checkEnvURL(value string) error {
	const remedy = "use https://<environment>.scalekit.com from the dashboard, Settings > API credentials"
	u, err := parseURL(value)
	if err != nil {
		return fmt.Errorf("%w: %s", err, remedy)
	}
	if strings.Contains(u.Path, "/resources/") {
		return errors.New("that is the authorization server of one MCP server, not the environment: leave out the path from /resources on")
	}
	return nil
}

func checkClientID(value string) error {
	if found := placeholder().FindString(value); found != "" {
		return fmt.Errorf("the placeholder %s is still in it: copy the client id from the dashboard, or leave it empty", shorten(found))
	}
	if !printableASCII(value) || strings.ContainsAny(value, " '\"\\`$#") || len(value) > maxName {
		return errors.New("not a client id: copy it from the dashboard (skc_…), or leave it empty")
	}
	return nil
}

// checkSecret never quotes the value. What it refuses cannot stand in .env so that the server, a shell and docker read the same.
func checkSecret(value string) error {
	switch {
	case len(value) > maxSecret:
		return fmt.Errorf("longer than %d bytes: give the client secret alone", maxSecret)
	case !printableASCII(value) || strings.ContainsAny(value, "'"):
		return errors.New("holds a line break, a single quote or a character outside printable ASCII: give the client secret alone")
	}
	return nil
}

func checkAudience(value string) error {
	if resourceID().MatchString(value) {
		return nil
	}
	if strings.HasPrefix(value, "conn_") {
		return errors.New("a conn_… id names a connection: use the Server URL or the res_… id of the MCP server")
	}
	if _, err := parseURL(value); err != nil {
		return fmt.Errorf("%w: use the Server URL registered in Scalekit, exactly, or the res_… id of the MCP server", err)
	}
	return nil
}

func checkMetadata(value string) error {
	_, err := parseMetadata(value)
	return err
}

func checkPath(value string) error {
	switch {
	case value == "/":
		return nil
	case !urlPath().MatchString(value) || slices.ContainsFunc(strings.Split(value, "/"), func(s string) bool { return s == "." || s == ".." }):
		return errors.New("not a plain path: use / or for example /mcp, with letters, digits and - . _ ~, without a slash at the end")
	case value == "/health" || strings.HasPrefix(value, "/.well-known"):
		return errors.New("that path is taken by a public route: use / or for example /mcp")
	}
	return nil
}

func checkScopes(value string) error {
	scopes := splitScopes(value)
	if len(scopes) == 0 {
		return errors.New("no scope in it: name at least one, for example notes:write")
	}
	for _, s := range scopes {
		if !scopeToken().MatchString(s) || len(s) > maxName {
			return fmt.Errorf("%q is not a scope: use printable ASCII without spaces, quotes and backslashes (RFC 6749 section 3.3)", shorten(s))
		}
	}
	return nil
}

// checkName refuses what could hide from the person who reads the generated code: control characters and direction marks.
func checkName(value string) error {
	if value == "" || len(value) > maxName || !utf8.ValidString(value) || strings.TrimSpace(value) != value {
		return fmt.Errorf("not a name: use 1 to %d bytes of text", maxName)
	}
	for _, r := range value {
		if !unicode.IsPrint(r) {
			return fmt.Errorf("%q is not a printable character: leave it out", r)
		}
	}
	return nil
}

func checkModule(value string) error {
	if err := module.CheckImportPath(value); err != nil {
		return fmt.Errorf("not a Go module path: use for example example.com/my-server")
	}
	elements := strings.Split(value, "/")
	switch {
	case slices.Contains(standardRoots(), elements[0]):
		return fmt.Errorf("%q begins like Go's standard library: use for example example.com/%s", value, value)
	case slices.Contains(elements, "vendor") || value == "C":
		return errors.New("that name means something else to the go command: use for example example.com/my-server")
	case slices.ContainsFunc(Dependencies(), func(dep string) bool { return strings.HasPrefix(value+"/", dep+"/") }):
		return errors.New("that module is a dependency of the server: use a path of your own")
	}
	return nil
}

// Dependencies are the modules that rendered Go servers require. Their paths cannot be used for the server's own.
func Dependencies() []string {
	return []string{
		"github.com/golang-jwt/jwt/v5", "github.com/google/jsonschema-go", "github.com/modelcontextprotocol/go-sdk",
		"github.com/segmentio/asm", "github.com/segmentio/encoding", "github.com/yosida95/uritemplate/v3",
		"golang.org/x/oauth2", "golang.org/x/sync", "golang.org/x/sys", "golang.org/x/time",
	}
}

// standardRoots are the first elements of the standard library's import paths, which shadow modules of that name.
func standardRoots() []string {
	return strings.Fields(`archive bufio builtin bytes cmd cmp compress container context crypto database debug embed encoding
		errors expvar flag fmt go hash html image index internal io iter log maps math mime net os path plugin reflect regexp
		runtime slices sort strconv strings structs sync syscall testing text time unicode unique unsafe vendor weak`)
}

func oneOf(choices string) func(string) error {
	return func(value string) error {
		known := strings.Fields(choices)
		if !slices.Contains(known, value) {
			return fmt.Errorf("there is no such choice: use %s", strings.Join(known, " or "))
		}
		return nil
	}
}

func checkFile(value string) error {
	if !printableASCII(value) || strings.ContainsAny(value, "'") {
		return errors.New("not a plain file name: use printable ASCII without single quotes")
	}
	return nil
}

// parseURL parses an absolute URL that is nothing but scheme, host and path: https, or http on loopback.
func parseURL(value string) (*url.URL, error) {
	u, err := url.Parse(value)
	switch {
	case placeholder().MatchString(value):
		return nil, fmt.Errorf("the placeholder %s is still in it", shorten(placeholder().FindString(value)))
	case strings.Contains(value, "@"):
		return nil, errors.New("holds a user name or a password")
	case len(value) > maxURL || !printableASCII(value) || strings.ContainsAny(value, " '\"\\`$"):
		return nil, errors.New("not a plain ASCII URL")
	case err != nil || u.Host == "" || u.Opaque != "":
		return nil, errors.New("not an absolute URL")
	case strings.ContainsAny(value, "?#"):
		return nil, errors.New("has a query or a fragment")
	case !hostname().MatchString(u.Hostname()) || (u.Port() != "" && checkPort(u.Port()) != nil):
		return nil, errors.New("the host or port is malformed")
	case u.Scheme == "https" && u.Port() == "443", u.Scheme == "http" && u.Port() == "80":
		return nil, errors.New("names the default port, which browsers and clients leave out")
	case u.Path != "" && u.Path != "/" && !urlPath().MatchString(trimSlash(u.Path)):
		return nil, errors.New("the path is not plain (letters, digits and - . _ ~)")
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()):
		return u, nil
	}
	return nil, errors.New("not https (http is for loopback only)")
}

func isURL(value string) bool {
	_, err := parseURL(value)
	return err == nil
}

func isLoopback(host string) bool {
	return strings.EqualFold(host, "localhost") || net.ParseIP(host).IsLoopback()
}

func printableASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r > 0x7e })
}

func splitScopes(value string) []string {
	return strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })
}

func trimSlash(s string) string { return strings.TrimSuffix(s, "/") }

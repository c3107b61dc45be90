// Package dev runs a server that is being worked on, beside a local authorization server that it trusts.
//
// A [Wiring] says which URL each of the two has and what the server is told of the other. An [Authority] is the
// authorization server on the network. A [Runner] builds the server, starts it, and starts it anew when its files change.
// All of them write whole lines to [Logs], each with the name of the one who says it.
package dev

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/mcpauth/mcpauth/internal/authserver"
	"github.com/mcpauth/mcpauth/internal/authserver/control"
	"github.com/mcpauth/mcpauth/internal/config"
	"github.com/mcpauth/mcpauth/internal/contract"
)

// Ports replace the ones that a project names. Zero means the project's own.
type Ports struct {
	Server int
	Auth   int
}

// A Wiring is how a server and its local authorization server find each other.
type Wiring struct {
	Environment string // URL of the authorization server, without a trailing slash
	ResourceID  string
	ServerURL   string // the MCP URL
	Scopes      []string
	Settings    contract.Settings

	// Variables are the settings that the server does not find in its .env, each NAME=value.
	Variables []string
	// Replaced names those of them that its .env gives another value.
	Replaced []string
	// NoCertificate says that the server speaks TLS, but the files of its certificate do not exist.
	NoCertificate bool
}

// ErrSamePort says that the two servers cannot both have the port.
var ErrSamePort = errors.New("the server and the authorization server cannot both have the port")

// Wire decides how the project with the configuration c is served locally. A project that was made for a local
// authorization server keeps its URLs; another one gets URLs of this machine. env are the variables of its .env, dir is
// where it runs.
func Wire(c config.Config, env map[string]string, dir string, ports Ports) (Wiring, error) {
	server, err := url.Parse(c.LocalURL())
	if err != nil {
		return Wiring{}, fmt.Errorf("wiring the server: %w", err)
	}
	if ports.Server != 0 {
		server.Host = net.JoinHostPort(server.Hostname(), strconv.Itoa(ports.Server))
	}
	w := Wiring{
		Environment: environment(c.EnvURL, cmp.Or(ports.Server, c.Port), ports.Auth),
		ResourceID:  c.ResourceID,
		ServerURL:   server.String(),
		Scopes:      scopes(c),
	}
	if _, port, _ := control.LocalAddress(w.Environment); port == cmp.Or(ports.Server, c.Port) {
		return Wiring{}, fmt.Errorf("%w %d", ErrSamePort, port)
	}
	w.Settings = contract.Settings{
		Port: cmp.Or(ports.Server, c.Port), Host: bindAddress(server.Hostname()),
		EnvironmentURL: w.Environment,
		Audience:       c.Audience,
		Metadata:       c.Metadata,
	}
	if w.Environment != c.EnvURL || w.ServerURL != c.Resource.String() {
		if w.Settings.Metadata, err = w.metadata(c.Metadata); err != nil {
			return Wiring{}, fmt.Errorf("wiring the server: %w", err)
		}
	}
	if c.Audience != c.ResourceID && w.ServerURL != c.Resource.String() {
		w.Settings.Audience = w.ServerURL
	}
	if c.UsesSDK() {
		w.Settings.ClientID, w.Settings.ClientSecret = authserver.DefaultClientID, ClientSecret
	}
	w.NoCertificate = c.TLSCert != "" && !(exists(dir, c.TLSCert) && exists(dir, c.TLSKey))
	w.compare(c, env)
	return w, nil
}

// environment is the URL of the authorization server: the one that a project names, if that can be served on this
// machine, or one on the port beside the server's.
func environment(named string, serverPort, authPort int) string {
	if host, port, err := control.LocalAddress(named); err == nil {
		if authPort == 0 || authPort == port {
			return named
		}
		return "http://" + net.JoinHostPort(host, strconv.Itoa(authPort))
	}
	return "http://localhost:" + strconv.Itoa(cmp.Or(authPort, beside(serverPort)))
}

// beside is the next port, or the one before the last.
func beside(port int) int {
	if port == 65535 {
		return port - 1
	}
	return port + 1
}

func bindAddress(host string) string {
	if host == "localhost" {
		return "127.0.0.1"
	}
	return host
}

// Issuer is the entry of authorization_servers.
func (w Wiring) Issuer() string { return w.Environment + "/resources/" + w.ResourceID }

// metadata is document with the URLs of this machine.
func (w Wiring) metadata(document []byte) (json.RawMessage, error) {
	var fields map[string]any
	if err := json.Unmarshal(document, &fields); err != nil {
		return nil, err
	}
	fields["resource"] = w.ServerURL
	fields["authorization_servers"] = []string{w.Issuer()}
	return json.Marshal(fields)
}

// scopes are those that the metadata lists, and those that the sample tool needs.
func scopes(c config.Config) []string {
	var metadata struct {
		Scopes []string `json:"scopes_supported"`
	}
	_ = json.Unmarshal(c.Metadata, &metadata) // it was checked: it lists scopes, or none
	all := metadata.Scopes
	for _, scope := range c.Scopes {
		if !slices.Contains(all, scope) {
			all = append(all, scope)
		}
	}
	return all
}

// compare finds the settings that differ from env.
func (w *Wiring) compare(c config.Config, env map[string]string) {
	for _, variable := range w.Settings.Variables() {
		name, value, _ := strings.Cut(variable, "=")
		given := env[name]
		if name == contract.VarMetadata && given != "" && value == string(c.Metadata) || given == value {
			continue // what it gives means the same, whatever the spaces
		}
		w.Variables = append(w.Variables, variable)
		if given != "" {
			w.Replaced = append(w.Replaced, name)
		}
	}
}

func exists(dir, file string) bool {
	if !filepath.IsAbs(file) {
		file = filepath.Join(dir, file)
	}
	_, err := os.Stat(file)
	return err == nil
}

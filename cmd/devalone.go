package cmd

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/mcpauth/mcpauth/generator"
	"github.com/mcpauth/mcpauth/internal/authserver"
	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/dev"
	"github.com/mcpauth/mcpauth/internal/project"
)

const (
	defaultAuthPort    = 3003
	defaultEnvironment = "http://localhost:3003"
)

// devAlone runs the authorization server for a server that the person starts. On standard output it prints the settings
// of that server, as lines for its .env.
func (p *program) devAlone(ctx context.Context, o devOptions, logs *dev.Logs) (err error) {
	w, err := aloneWiring(o)
	if err != nil {
		return err
	}
	authority, err := p.authority(o, w, logs)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, authority.Close()) }()
	p.warn(w.Environment)
	p.say("%s holds no %s: this is the authorization server alone, for a server at %s with these settings:", o.dir, project.File, w.ServerURL)
	if root, inModule := moduleRoot(o.dir); inModule && patched(root) {
		p.say("retrofit has patched the program there: start it with them. --server-url says where its MCP endpoint is.")
	}
	authority.Serve()
	if err := p.printSettings(authority, w); err != nil {
		return err
	}
	p.say("A token: %s", p.tokenLine(w.Environment))
	p.say("Ctrl-C stops it.")
	<-ctx.Done()
	logs.Line(dev.DevName, "stopped")
	return nil
}

func aloneWiring(o devOptions) (dev.Wiring, error) {
	w := dev.Wiring{
		Environment: "http://localhost:" + strconv.Itoa(cmp.Or(o.ports.Auth, defaultAuthPort)),
		ResourceID:  authserver.DefaultResourceID,
		ServerURL:   o.serverURL,
		Scopes:      append([]string{}, strings.Fields(o.scope)...),
	}
	metadata, err := json.Marshal(map[string]any{
		"authorization_servers":    []string{w.Issuer()},
		"bearer_methods_supported": []string{"header"},
		"resource":                 w.ServerURL,
		"scopes_supported":         w.Scopes,
	})
	// A quote would end the value in a .env.
	metadata = []byte(strings.ReplaceAll(string(metadata), "'", `\u0027`))
	w.Settings = contract.Settings{EnvironmentURL: w.Environment, Audience: w.ServerURL, Metadata: metadata}
	return w, err
}

func (p *program) printSettings(authority *dev.Authority, w dev.Wiring) error {
	settings := map[string]string{}
	var lines strings.Builder
	for _, variable := range w.Settings.Variables() {
		name, value, _ := strings.Cut(variable, "=")
		settings[name] = value
		lines.WriteString(name + "=" + generator.EnvValue(value) + "\n")
	}
	if !p.json {
		_, err := fmt.Fprint(p.streams.Out, lines.String())
		return err
	}
	doc, err := p.newDevDocument(authority, w, "my-server")
	if err != nil {
		return err
	}
	doc.Settings = settings
	return p.printJSON(doc)
}

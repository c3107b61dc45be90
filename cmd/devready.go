package cmd

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/mcpauth/mcpauth/internal/authserver"
	"github.com/mcpauth/mcpauth/internal/dev"
	"github.com/mcpauth/mcpauth/internal/project"
)

// A devDocument is what dev --json prints once both servers answer.
type devDocument struct {
	Schema      string            `json:"schema"`
	MCPURL      string            `json:"mcp_url"`
	Environment string            `json:"environment"`
	Issuer      string            `json:"issuer"`
	ResourceID  string            `json:"resource_id"`
	Scopes      []string          `json:"scopes"`
	AccessToken string            `json:"access_token"`
	ExpiresIn   int               `json:"expires_in"` // seconds
	Settings    map[string]string `json:"settings,omitempty"`
	Commands    map[string]string `json:"commands"`
}

// commands to try a running server with.
const (
	commandToken        = "token"
	commandInspector    = "inspector"
	commandInspectorCLI = "inspector_cli"
	commandClaude       = "claude_code"
)

func (p *program) newDevDocument(authority *dev.Authority, w dev.Wiring, name string) (devDocument, error) {
	token, err := authority.Mint(authserver.Claims{"scope": strings.Join(w.Scopes, " ")})
	if err != nil {
		return devDocument{}, err
	}
	another := p.tokenLine(w.Environment)
	url := shellWord(w.ServerURL)
	return devDocument{
		Schema: "mcpauth.dev/v1",
		MCPURL: w.ServerURL, Environment: w.Environment, Issuer: w.Issuer(), ResourceID: w.ResourceID, Scopes: w.Scopes,
		AccessToken: token, ExpiresIn: int(authserver.DefaultLifetime / time.Second),
		Commands: map[string]string{
			commandToken:        another,
			commandInspector:    "npx @modelcontextprotocol/inspector --server-url " + url + " --transport http",
			commandInspectorCLI: "npx @modelcontextprotocol/inspector --cli " + url + ` --transport http --method tools/list --header "Authorization: Bearer $(` + another + `)"`,
			commandClaude:       "claude mcp add --transport http " + name + " " + url,
		},
	}, nil
}

// printReady prints where the server is and how to try it.
func (p *program) printReady(authority *dev.Authority, found project.Project, w dev.Wiring) error {
	doc, err := p.newDevDocument(authority, w, found.Config.Slug())
	if err != nil {
		return err
	}
	if p.json {
		return p.printJSON(doc)
	}
	if err := doc.print(p.streams.Out); err != nil {
		return fmt.Errorf("printing what is ready: %w", err)
	}
	p.say("Ctrl-C stops both.")
	return nil
}

func (d devDocument) print(out io.Writer) error {
	scopes := strings.Join(d.Scopes, " ")
	if scopes == "" {
		scopes = "none"
	}
	lines := []struct{ label, text string }{
		{"", ""},
		{"MCP URL", d.MCPURL},
		{"Token", d.AccessToken},
		{"", fmt.Sprintf("for %d minutes, with scopes: %s", d.ExpiresIn/60, scopes)},
		{"Another", d.Commands[commandToken]},
		{"", ""},
		{"Inspector", d.Commands[commandInspector]},
		{"", d.Commands[commandInspectorCLI]},
		{"Claude Code", d.Commands[commandClaude]},
		{"", ""},
	}
	var text strings.Builder
	for _, l := range lines {
		text.WriteString(strings.TrimRight(fmt.Sprintf("%-11s  %s", l.label, l.text), " ") + "\n")
	}
	_, err := io.WriteString(out, text.String())
	return err
}

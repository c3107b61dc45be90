package generator

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mcpauth/mcpauth/internal/config"
	"github.com/mcpauth/mcpauth/templates"
)

// view is what the templates of every stack see. Each value is escaped for the language that its name begins with; the
// others are checked by package config to be plain everywhere.
type view struct {
	Stack           string
	TemplateVersion int

	Slug        string
	ImageName   string
	Port        int
	ResourceURL string
	LocalURL    string
	Registered  string // what to say of the Server URL; Markdown
	UsesSDK     bool   // tokens are checked through the Scalekit SDK
	ProtectsAll bool   // routes beside MCP need a token, too
	Credentials string // what to say of SK_CLIENT_ID and SK_CLIENT_SECRET, and their default; Markdown

	Title      string // Markdown
	ScopesText string // Markdown, inside backquotes

	JSONSlug        string
	JSONResourceURL string

	// Values of .env lines.
	EnvURL, ClientID, Audience, MetadataLine, TLSCert, TLSKey string

	YAMLName, YAMLEnvURL, YAMLClientID, YAMLAudience            string
	YAMLMetadata, YAMLPath, YAMLScopes, YAMLTLSCert, YAMLTLSKey string
	YAMLVerifier, YAMLProtect                                   string
}

// newView returns what the templates of the stack see: the view of its language.
func newView(stack templates.Stack, c config.Config) (any, error) {
	switch common := newCommonView(stack, c); stack.Language {
	case "go":
		return newGoView(common, c), nil
	case "python":
		return newPythonView(common, c), nil
	case "typescript":
		return newTSView(common, c), nil
	}
	return nil, fmt.Errorf("stack %s: no view for the language %q", stack.Name, stack.Language)
}

func newCommonView(stack templates.Stack, c config.Config) view {
	return view{
		Stack:           stack.Name,
		TemplateVersion: stack.Version,

		Slug:        c.Slug(),
		ImageName:   strings.ToLower(c.Slug()),
		Port:        c.Port,
		ResourceURL: c.Resource.String(),
		LocalURL:    c.LocalURL(),
		Registered:  registered(c),
		UsesSDK:     c.UsesSDK(),
		ProtectsAll: c.Protect == "all",
		Credentials: credentials(c),

		Title:      markdown(c.Name),
		ScopesText: strings.ReplaceAll(strings.Join(c.Scopes, " "), "`", "'"),

		JSONSlug:        quote(c.Slug()),
		JSONResourceURL: quote(c.Resource.String()),

		EnvURL:       EnvValue(c.EnvURL),
		ClientID:     EnvValue(c.ClientID),
		Audience:     EnvValue(c.Audience),
		MetadataLine: EnvValue(strings.ReplaceAll(string(c.Metadata), "'", `\u0027`)),
		TLSCert:      EnvValue(c.TLSCert),
		TLSKey:       EnvValue(c.TLSKey),

		YAMLName:     quote(c.Name),
		YAMLEnvURL:   quote(c.EnvURL),
		YAMLClientID: quote(c.ClientID),
		YAMLAudience: quote(c.Audience),
		YAMLMetadata: quote(string(c.Metadata)),
		YAMLPath:     quote(c.MCPPath),
		YAMLScopes:   "[" + strings.Join(each(quote, c.Scopes), ", ") + "]",
		YAMLTLSCert:  quote(c.TLSCert),
		YAMLTLSKey:   quote(c.TLSKey),
		YAMLVerifier: quote(c.Verifier),
		YAMLProtect:  quote(c.Protect),
	}
}

func registered(c config.Config) string {
	if c.Public() {
		return "`" + c.Resource.String() + "`"
	}
	return "`" + c.Resource.String() + "` now, your public https URL in production"
}

func credentials(c config.Config) string {
	if c.UsesSDK() {
		return "API credentials, which the Scalekit SDK wants to have | required"
	}
	return "API credentials; the server runs without them, since checking a token needs no secret |"
}

// quote returns s as a JSON string, which is a YAML double-quoted scalar too.
func quote(s string) string {
	b, _ := json.Marshal(s) // a string always marshals
	return string(b)
}

// EnvValue returns the right side of NAME=value so that the server, a POSIX shell and docker compose read the same.
// Values hold no single quote: package config refuses them, and in JSON they are written as \u0027.
func EnvValue(s string) string {
	plain := func(r rune) bool {
		return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) || strings.ContainsRune("_./:@%+,=-", r)
	}
	if !strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) {
		return s
	}
	return "'" + s + "'"
}

// markdown escapes what Markdown would read as markup.
func markdown(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune("\\`*_{}[]<>#|!~&", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func each[S, T any](f func(S) T, list []S) []T {
	out := make([]T, len(list))
	for i, s := range list {
		out[i] = f(s)
	}
	return out
}

// literal returns s as a string literal of Python and of TypeScript, with the quotes that formatters choose: those which
// need fewer escapes, double ones where that is equal. Package config refuses what is not printable.
func literal(s string) string {
	quotes := `"`
	if strings.Count(s, `"`) > strings.Count(s, "'") {
		quotes = "'"
	}
	return quotes + strings.NewReplacer(`\`, `\\`, quotes, `\`+quotes).Replace(s) + quotes
}

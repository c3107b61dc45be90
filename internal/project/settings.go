package project

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/mcpauth/mcpauth/internal/config"
)

// SettingsFile is the name of the file, in the project's directory, that the project's server reads at its start.
const SettingsFile = ".env"

// Running returns the project as its server would run now: with what SettingsFile says, and with the answers where it
// says nothing or does not exist. It also returns the variables of that file, secrets included.
func (p Project) Running() (Project, map[string]string, error) {
	path := filepath.Join(p.Dir, SettingsFile)
	variables, err := readSettings(path)
	if err != nil {
		return Project{}, nil, err
	}
	given := maps.Clone(p.Answers)
	for _, f := range config.Fields() {
		if value := variables[f.Env]; value != "" && f.Kind != config.Secret {
			given[f.Key] = config.Answer{Value: value, Source: SettingsFile}
		}
	}
	running, err := p.configured(path, given)
	return running, variables, err
}

// readSettings reads NAME=value lines as rendered servers do. No line that it cannot read is quoted: it may be a secret.
func readSettings(path string) (map[string]string, error) {
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the server's settings: %w", err)
	}
	variables := map[string]string{}
	number := 0
	for line := range strings.Lines(string(data)) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok || strings.ContainsAny(name, " \t") {
			return nil, fmt.Errorf("reading %s: line %d is not NAME=value", path, number)
		}
		variables[name] = unquote(value)
	}
	return variables, nil
}

func unquote(s string) string {
	if len(s) >= 2 && (s[0] == '\'' || s[0] == '"') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}

// Package project reads what a rendered project says of itself: mcpauth.yaml, which every stack renders.
package project

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"

	"github.com/mcpauth/mcpauth/internal/config"
	"github.com/mcpauth/mcpauth/templates"
)

// File is the name of the file, in the project's directory.
const File = "mcpauth.yaml"

const schema = "mcpauth.project/v1"

// ErrNone says that a directory holds no project of mcpauth's.
var ErrNone = errors.New("no " + File + " there")

// A Project is a directory that init has rendered.
type Project struct {
	Dir     string
	Stack   templates.Stack
	Version int // of the templates that it was rendered from
	Config  config.Config
	Answers config.Answers // that Config was made from
}

// A ProblemsError says that the answers in the file are wrong, or do not fit each other.
type ProblemsError struct {
	Path     string
	Problems []config.Problem
}

func (e ProblemsError) Error() string {
	list := make([]error, len(e.Problems))
	for i, p := range e.Problems {
		list[i] = p
	}
	return fmt.Sprintf("reading %s: %v", e.Path, errors.Join(list...))
}

// Load reads the project in dir. The error wraps ErrNone when there is none.
func Load(dir string) (Project, error) {
	path := filepath.Join(dir, File)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Project{}, fmt.Errorf("%s is not a project of mcpauth's: %w", dir, ErrNone)
	}
	if err != nil {
		return Project{}, fmt.Errorf("reading the project: %w", err)
	}
	var document struct {
		Schema   string    `yaml:"schema"`
		Stack    string    `yaml:"stack"`
		Template int       `yaml:"template"`
		Answers  yaml.Node `yaml:"answers"`
	}
	if err := yaml.Unmarshal(data, &document); err != nil {
		return Project{}, fmt.Errorf("reading %s: %w", path, err)
	}
	if document.Schema != schema {
		return Project{}, fmt.Errorf("reading %s: schema %q is not %s: use the mcpauth that wrote it", path, document.Schema, schema)
	}
	p := Project{Dir: dir, Version: document.Template}
	if p.Stack, err = templates.Load(document.Stack); err != nil {
		return Project{}, fmt.Errorf("reading %s: %w", path, err)
	}
	text, err := yaml.Marshal(&document.Answers)
	if err != nil {
		return Project{}, fmt.Errorf("reading %s: %w", path, err)
	}
	given, problems := config.ParseAnswers(text, path)
	if len(problems) > 0 {
		return Project{}, ProblemsError{path, problems}
	}
	return p.configured(path, given)
}

func (p Project) configured(path string, given config.Answers) (Project, error) {
	c, problems := config.New(given)
	if len(problems) > 0 {
		return Project{}, ProblemsError{path, problems}
	}
	p.Config, p.Answers = c, given
	return p, nil
}

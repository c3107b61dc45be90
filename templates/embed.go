// Package templates holds the stacks that mcpauth renders, one folder each: stack.yaml lists the files of a
// project in the order of its plan, files/ holds them. A file whose name ends in .tmpl is a text/template;
// the others are copied as they are.
package templates

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed all:go
var files embed.FS

// A Stack is a kind of project that can be rendered.
type Stack struct {
	Name    string `yaml:"-"`
	Version int    `yaml:"version"` // of the templates, recorded in rendered projects
	Summary string `yaml:"summary"`
	Files   []File `yaml:"files"`
}

// A File is one file of a rendered project.
type File struct {
	Path   string `yaml:"path"`   // in the project
	Reason string `yaml:"reason"` // for the person who reads the plan
	From   string `yaml:"from"`   // path below files/ that it is rendered from; default: Path, with or without .tmpl
	Secret string `yaml:"secret"` // name of the variable whose line NAME= takes a secret; such a file is private
}

// Names returns the stacks there are, sorted.
func Names() []string {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// Load returns the stack of that name.
func Load(name string) (Stack, error) {
	if !slices.Contains(Names(), name) {
		return Stack{}, fmt.Errorf("unknown stack %q: use one of %s", name, strings.Join(Names(), ", "))
	}
	data, err := files.ReadFile(path.Join(name, "stack.yaml"))
	if err != nil {
		return Stack{}, fmt.Errorf("loading stack %s: %w", name, err)
	}
	stack := Stack{Name: name}
	if err := yaml.Unmarshal(data, &stack); err != nil {
		return Stack{}, fmt.Errorf("loading stack %s: %w", name, err)
	}
	return stack, nil
}

// Source returns the bytes that f is made from, and whether they are a template.
func (s Stack) Source(f File) (data []byte, template bool, err error) {
	from := f.From
	if from == "" {
		from = f.Path
	}
	if data, err = files.ReadFile(path.Join(s.Name, "files", from+".tmpl")); err == nil {
		return data, true, nil
	}
	data, err = files.ReadFile(path.Join(s.Name, "files", from))
	return data, false, err
}

// Tree returns the files of the stack's files/ folder, to check that stack.yaml names each of them.
func (s Stack) Tree() fs.FS {
	tree, err := fs.Sub(files, path.Join(s.Name, "files"))
	if err != nil {
		return embed.FS{} // no valid path fails
	}
	return tree
}

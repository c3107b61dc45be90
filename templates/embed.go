// Package templates holds the stacks that mcpauth renders, one folder each: stack.yaml lists the files of a
// project in the order of its plan and says how one is built and started, files/ holds them. A file whose name ends in .tmpl is a text/template;
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

// A Stack is a kind of project that can be rendered. In its commands {scratch} stands for a directory
// outside the project, which the caller makes and removes.
type Stack struct {
	Name     string   `yaml:"-"`
	Version  int      `yaml:"version"` // of the templates, recorded in rendered projects
	Summary  string   `yaml:"summary"`
	Needs    string   `yaml:"needs"` // what has to be installed to build a project, and where it is found
	Env      []string `yaml:"env"`   // of every command, each NAME=value
	Build    []Step   `yaml:"build"` // makes what Start starts, in the scratch directory
	Prove    []Step   `yaml:"prove"` // looks for mistakes in a project
	Start    []string `yaml:"start"` // the server; it reads the variables of the contract
	ByHand   ByHand   `yaml:"by_hand"`
	Watch    []string `yaml:"watch"` // names of the files, as patterns, that a running server was made from
	Tools    []Tool   `yaml:"tools"` // that a new project has
	Files    []File   `yaml:"files"`
	Retrofit []File   `yaml:"retrofit"` // that an existing project gets
}

// A Step is one command to run in a project's directory.
type Step struct {
	Name    string   `yaml:"name"` // for progress: "building"
	Run     []string `yaml:"run"`
	Fetches bool     `yaml:"fetches"` // needs the network: a failure says nothing of the project
}

// ByHand holds the command lines that a person types in a project's directory.
type ByHand struct {
	Test string `yaml:"test"`
	Run  string `yaml:"run"`
}

// A Tool is one MCP tool of a new project.
type Tool struct {
	Name      string         `yaml:"name"`
	Arguments map[string]any `yaml:"arguments"`
	Scoped    bool           `yaml:"scoped"` // needs the project's scopes
}

// A File is one file of a rendered project.
type File struct {
	Path   string `yaml:"path"`   // in the project
	Reason string `yaml:"reason"` // for the person who reads the plan
	From   string `yaml:"from"`   // path, seen from files/, that it is rendered from; default: Path, with or without .tmpl
	Wraps  string `yaml:"wraps"`  // kind of expression that its function wraps; such a file goes beside each that needs it
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

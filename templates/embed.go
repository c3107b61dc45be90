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

// One folder with a stack.yaml is one stack: nothing here names any.
//
//go:embed */stack.yaml all:*/files all:*/retrofit all:*/variants
var files embed.FS

// Default is the stack of a new project for which none is named.
const Default = "go"

// A Stack is a kind of project that can be rendered. In its commands {project} stands for the project's directory,
// {scratch} for one outside it, which the caller makes and removes, and {kept} for that of Kept.
type Stack struct {
	Name     string    `yaml:"-"`
	Version  int       `yaml:"version"` // of the templates, recorded in rendered projects
	Summary  string    `yaml:"summary"`
	Language string    `yaml:"language"` // that values in its files are escaped for: go or python
	Needs    string    `yaml:"needs"`    // what has to be installed to build a project, and where it is found
	Env      []string  `yaml:"env"`      // of every command, each NAME=value
	Kept     Kept      `yaml:"kept"`     // what commands run with, and projects share
	Build    []Step    `yaml:"build"`    // makes what Start starts, in the scratch directory
	Prove    []Step    `yaml:"prove"`    // looks for mistakes in a project
	Start    []string  `yaml:"start"`    // the server; it reads the variables of the contract
	ByHand   ByHand    `yaml:"by_hand"`
	Watch    []string  `yaml:"watch"` // names of the files, as patterns, that a running server was made from
	Tools    []Tool    `yaml:"tools"` // that a new project has
	Files    []File    `yaml:"files"`
	Variants []Variant `yaml:"variants"` // of the files, for answers that are not the default
	Lacks    []Lack    `yaml:"lacks"`    // answers that the stack has no files for
	Retrofit []File    `yaml:"retrofit"` // that an existing project gets
	Releases []Release `yaml:"releases"` // of the SDK, newest first

	Requires []Requirement `yaml:"requires"` // packages that an existing project needs
}

// A Requirement is a package that an existing project needs, or that one it needs has to get along with.
type Requirement struct {
	Name    string `yaml:"name"`
	Version string `yaml:"version"` // range that a project gets, as its package manager writes it
	Least   string `yaml:"least"`   // version that it may have already, with any newer one
	Add     bool   `yaml:"add"`     // a project that does not name it gets it
	Dev     bool   `yaml:"dev"`     // it is needed to build the project, not to run it
}

// A Release is a version of the SDK for existing projects whose language version allows no newer one.
type Release struct {
	For      []string `yaml:"for"`      // what a patch must be, all of it
	Go       string   `yaml:"go"`       // the least go line, for example 1.25.0
	Require  []string `yaml:"require"`  // modules, each path@version
	Suffices []string `yaml:"suffices"` // older versions that a project may keep where it has them
	Lacks    string   `yaml:"lacks"`    // what servers with this release do not keep; empty where they keep all
	Retrofit []File   `yaml:"retrofit"` // in place of the stack's of the same path, and besides them
}

// A Variant holds the files of a project with an answer: in place of the stack's of the same path, and besides them.
type Variant struct {
	For   string `yaml:"for"` // key=value
	Files []File `yaml:"files"`
}

// A Lack is an answer that a stack does not take.
type Lack struct {
	Answer string `yaml:"answer"` // key=value
	Reason string `yaml:"reason"`
}

// A Step is one command to run in a project's directory.
type Step struct {
	Name    string   `yaml:"name"` // for progress: "building"
	Run     []string `yaml:"run"`
	Fetches bool     `yaml:"fetches"` // needs the network: a failure says nothing of the project
	Looks   bool     `yaml:"looks"`   // for what Needs names: a failure says that it is missing
}

// Kept is a folder that is made once for all projects in which the files of Key are the same: a Python environment for
// a lock file. A project that needs none has no Key.
type Kept struct {
	Key   []string `yaml:"key"`
	Has   string   `yaml:"has"` // a file in it, without which it is made anew
	Steps []Step   `yaml:"steps"`
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
	Path   string   `yaml:"path"`   // in the project
	Reason string   `yaml:"reason"` // for the person who reads the plan
	From   string   `yaml:"from"`   // path, seen from files/, that it is rendered from; default: Path, with or without .tmpl
	Wraps  string   `yaml:"wraps"`  // kind of expression that its function wraps; such a file goes beside each that needs it
	For    []string `yaml:"for"`    // what a patch must be, all of it, to have the file
	Secret string   `yaml:"secret"` // name of the variable whose line NAME= takes a secret; such a file is private
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

// Lacking returns why the stack does not take the answer, key=value; empty if it does.
func (s Stack) Lacking(answer string) string {
	for _, lack := range s.Lacks {
		if lack.Answer == answer {
			return lack.Reason
		}
	}
	return ""
}

// Project returns the files of a project with those answers, each key=value.
func (s Stack) Project(answers []string) []File {
	list := s.Files
	for _, v := range s.Variants {
		if slices.Contains(answers, v.For) {
			list = Merge(list, v.Files)
		}
	}
	return list
}

// Merge returns list with own in the place of files of the same path, and then what is left of own.
func Merge(list, own []File) []File {
	own = slices.Clone(own)
	var merged []File
	for _, f := range list {
		if at := slices.IndexFunc(own, func(o File) bool { return o.Path == f.Path }); at >= 0 {
			f = own[at]
			own = slices.Delete(own, at, at+1)
		}
		merged = append(merged, f)
	}
	return append(merged, own...)
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

// Tree returns the stack's folder, to check that stack.yaml names each file of a project.
func (s Stack) Tree() fs.FS {
	tree, err := fs.Sub(files, s.Name)
	if err != nil {
		return embed.FS{} // no valid path fails
	}
	return tree
}

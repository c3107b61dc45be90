package generator

import (
	"fmt"
	"path"
	"strconv"

	"github.com/mcpauth/mcpauth/generator/gopatch"
	"github.com/mcpauth/mcpauth/internal/plan"
	"github.com/mcpauth/mcpauth/templates"
	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

// An Addition is what a program gets besides the change of its own files.
type Addition struct {
	Module   string // path of the user's module
	Name     string // that the server gives MCP clients
	Scopes   []string
	Endpoint gopatch.Endpoint
}

// addedView is what the templates of an addition see. Module is the import path below which they find each other.
type addedView struct {
	Module                   string
	GoName, GoPath, GoHealth string
	GoScopes                 []string

	Constraint       string // with the empty line after it
	Package, Func    string
	HTTP, HTTPImport string // the name of net/http in the file, and its import
	Glue, GlueImport string
}

// Retrofit returns the plan that makes the patch of an existing Go program: its changed files and the new ones.
func Retrofit(a Addition, patch gopatch.Patch) (plan.Plan, error) {
	stack, err := templates.Load("go")
	if err != nil {
		return plan.Plan{}, err
	}
	view := newAddedView(a)
	var p plan.Plan
	for _, f := range patch.Files {
		prior := plan.Sum(f.Before)
		p.Ops = append(p.Ops, plan.Op{
			Action: plan.Overwrite, Path: f.Path, Mode: public, Content: f.After, Prior: &prior,
			Reason: "serves through the endpoint; lines of yours that change: " + strconv.Itoa(f.Lines),
		})
	}
	for _, f := range stack.Retrofit {
		var added []plan.Op
		if f.Wraps == "" {
			added, err = addedFile(stack, f, view)
		} else {
			added, err = wrappers(stack, f, view, patch.Wrappers)
		}
		if err != nil {
			return plan.Plan{}, fmt.Errorf("stack %s: %s: %w", stack.Name, f.Path, err)
		}
		p.Ops = append(p.Ops, added...)
	}
	return p, p.Validate()
}

func newAddedView(a Addition) addedView {
	view := addedView{
		Module: path.Join(a.Module, gopatch.Glue),
		GoName: strconv.Quote(a.Name), GoPath: strconv.Quote(a.Endpoint.Path), GoHealth: strconv.Quote("/health"),
		GoScopes: each(strconv.Quote, a.Scopes),
	}
	if a.Endpoint.OwnHealth != "" {
		view.GoHealth = strconv.Quote("")
	}
	return view
}

func addedFile(stack templates.Stack, f templates.File, view any) ([]plan.Op, error) {
	op, err := operation(stack, f, view)
	return []plan.Op{op}, err
}

// wrappers returns those of the list that f is the template of.
func wrappers(stack templates.Stack, f templates.File, view addedView, list []gopatch.Wrapper) ([]plan.Op, error) {
	var ops []plan.Op
	for _, w := range list {
		if w.Kind != f.Wraps {
			continue
		}
		view.Package, view.Func = w.Package, w.Func
		if w.Constraint != "" {
			view.Constraint = w.Constraint + "\n\n"
		}
		view.HTTP, view.HTTPImport = imported(w.HTTP, "net/http")
		view.Glue, view.GlueImport = imported(w.Glue, view.Module)
		f.Path = w.Path
		added, err := addedFile(stack, f, view)
		if err != nil {
			return nil, err
		}
		ops = append(ops, added...)
	}
	return ops, nil
}

// imported returns the name that a file knows a package by, and its import; an empty name is the package's own.
func imported(name, importPath string) (used, spec string) {
	if name == "" {
		return path.Base(importPath), strconv.Quote(importPath)
	}
	return name, name + " " + strconv.Quote(importPath)
}

// Requirements returns the modules that a patched program needs, at the versions that rendered projects have.
func Requirements() ([]module.Version, error) {
	stack, err := templates.Load("go")
	if err != nil {
		return nil, err
	}
	op, err := operation(stack, templates.File{Path: "go.mod"}, addedView{Module: "example.com/any"})
	if err != nil {
		return nil, fmt.Errorf("stack go: go.mod: %w", err)
	}
	mod, err := modfile.Parse("go.mod", op.Content, nil)
	if err != nil {
		return nil, fmt.Errorf("stack go: %w", err)
	}
	var wanted []module.Version
	for _, r := range mod.Require {
		if !r.Indirect {
			wanted = append(wanted, r.Mod)
		}
	}
	return wanted, nil
}

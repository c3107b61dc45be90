package generator

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/mcpauth/mcpauth/generator/gopatch"
	"github.com/mcpauth/mcpauth/internal/plan"
	"github.com/mcpauth/mcpauth/templates"
	"golang.org/x/mod/module"
)

// An Addition is what a program gets besides the change of its own files.
type Addition struct {
	Module   string // path of the user's module
	Name     string // that the server gives MCP clients
	Scopes   []string
	Endpoint gopatch.Endpoint
	Go       string // of the release of the SDK
}

// addedView is what the templates of an addition see. Module is the import path below which they find each other.
type addedView struct {
	Module                   string
	GoName, GoPath, GoHealth string
	GoScopes                 []string
	GoPatterns, GoOpen       []string
	GoRenamed                []string // pairs of what a setting is usually called, and what now
	Public                   []publicView
	Preflights               bool

	Constraint           string // with the empty line after it
	Package, Func        string
	Served, ServedImport string // the name of the package of what is wrapped, and its import
	Glue, GlueImport     string
}

// publicView is a gopatch.PublicRoute.
type publicView struct {
	GoMethod, GoHost string
	GoSegments       []string
	Below            bool
}

func newPublicView(r gopatch.PublicRoute) publicView {
	return publicView{strconv.Quote(r.Method), strconv.Quote(r.Host), each(strconv.Quote, r.Segments), r.Below}
}

// Retrofit returns the plan that makes the patch of an existing Go program: its changed files and the new ones.
func Retrofit(a Addition, patch gopatch.Patch) (plan.Plan, error) {
	stack, err := templates.Load("go")
	if err != nil {
		return plan.Plan{}, err
	}
	files, err := retrofitFiles(stack, slices.Concat(a.Endpoint.Traits(), patch.Kinds()), a.Go)
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
	for _, f := range files {
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
		GoScopes:   each(strconv.Quote, a.Scopes),
		GoPatterns: each(strconv.Quote, a.Endpoint.Patterns), GoOpen: each(strconv.Quote, a.Endpoint.Open),
	}
	view.Public, view.Preflights = each(newPublicView, a.Endpoint.PublicRoutes()), a.Endpoint.Preflights
	for _, r := range a.Endpoint.Renamed {
		view.GoRenamed = append(view.GoRenamed, strconv.Quote(r.Name), strconv.Quote(r.Now))
	}
	if a.Endpoint.KeepsHealth() {
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
		view.Constraint = ""
		if w.Constraint != "" {
			view.Constraint = w.Constraint + "\n\n"
		}
		view.Served, view.ServedImport = w.Served.Name, spec(w.Served)
		view.Glue, view.GlueImport = w.Glue.Name, spec(w.Glue)
		f.Path = w.Path
		added, err := addedFile(stack, f, view)
		if err != nil {
			return nil, err
		}
		ops = append(ops, added...)
	}
	return ops, nil
}

func spec(i gopatch.Import) string {
	if i.Alias {
		return i.Name + " " + strconv.Quote(i.Path)
	}
	return strconv.Quote(i.Path)
}

// Releases returns the versions of the SDK that a program may have with such a patch, newest first.
func Releases(traits []string) ([]gopatch.Release, error) {
	stack, err := templates.Load("go")
	if err != nil {
		return nil, err
	}
	var list []gopatch.Release
	for _, r := range releases(stack, traits) {
		list = append(list, gopatch.Release{Go: r.Go, Require: each(version, r.Require), Suffices: each(version, r.Suffices), Lacks: r.Lacks})
	}
	return list, nil
}

func version(s string) module.Version {
	path, version, _ := strings.Cut(s, "@")
	return module.Version{Path: path, Version: version}
}

func releases(stack templates.Stack, traits []string) []templates.Release {
	return slices.DeleteFunc(slices.Clone(stack.Releases), func(r templates.Release) bool { return !hasAll(traits, r.For) })
}

func hasAll(traits, wanted []string) bool {
	return !slices.ContainsFunc(wanted, func(t string) bool { return !slices.Contains(traits, t) })
}

// retrofitFiles returns the files for patches of that kind with the release of the SDK that has that go line.
func retrofitFiles(stack templates.Stack, traits []string, goLine string) ([]templates.File, error) {
	fitting := releases(stack, traits)
	i := slices.IndexFunc(fitting, func(r templates.Release) bool { return r.Go == goLine })
	if i < 0 {
		return nil, fmt.Errorf("stack %s: no release for go %s", stack.Name, goLine)
	}
	list := slices.DeleteFunc(slices.Clone(stack.Retrofit), func(f templates.File) bool { return !hasAll(traits, f.For) })
	return templates.Merge(list, fitting[i].Retrofit), nil
}

package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/mcpauth/mcpauth/internal/apply"
	"github.com/mcpauth/mcpauth/internal/buildinfo"
	"github.com/mcpauth/mcpauth/internal/gosource"
	"github.com/mcpauth/mcpauth/internal/plan"
	"github.com/mcpauth/mcpauth/templates"
	"golang.org/x/mod/modfile"
)

// checkPlanFile refuses early to write the plan over something else.
func (o retrofitOptions) checkPlanFile() error {
	if o.planFile == "" {
		return nil
	}
	content, err := os.ReadFile(o.planFile)
	if errors.Is(err, fs.ErrNotExist) {
		_, err = os.Stat(filepath.Dir(o.planFile))
		if err == nil {
			return nil
		}
	}
	if err != nil {
		return usageError{fmt.Errorf("writing the plan: %w", err)}
	}
	if !bytes.Contains(content, []byte(`"schema": "mcpauth.saved-plan/`)) {
		return hinted{&apply.Refused{Path: o.planFile, Reason: apply.Exists}, "an older plan would be replaced, but this is none: choose another name"}
	}
	return nil
}

// savePlan writes the plan to the file of --plan, and nothing else.
func (p *program) savePlan(o retrofitOptions, s subject, change plan.Plan, found *trialReport) error {
	file, err := pending(o.planFile)
	if err != nil {
		return err
	}
	defer file.discard()
	content, err := saved(s, change)
	if err == nil {
		err = file.commit(content)
	}
	if err != nil {
		return err
	}
	if p.json {
		return p.printJSON(retrofitDocument{Schema: retrofitSchema, Result: "planned", Plan: plan.NewDocument(s.root, change), Verify: found})
	}
	p.say("Wrote the plan to %s, and nothing else.", o.planFile)
	p.say("")
	p.say("Next: mcpauth apply %s --dry-run shows it as a diff, and without the flag carries it out.", shellWord(o.planFile))
	return nil
}

// A subject is what is patched: a Go module, or the project that a file is part of.
type subject struct {
	root  string
	stack string // of templates
	// sign completes a saved plan: whose it is, and what it was made from.
	sign func(s *plan.Saved, now fs.FS, change plan.Plan) error
}

func goSubject(m *gosource.Module) subject {
	return subject{root: m.Dir, stack: "go", sign: func(s *plan.Saved, now fs.FS, change plan.Plan) (err error) {
		s.Module = m.Path
		if s.Requires, err = requires(now, change); err == nil {
			s.Seen, err = seen(m, now)
		}
		return err
	}}
}

// saved is the plan as it is written, with every file that it was proved with.
func saved(what subject, change plan.Plan) ([]byte, error) {
	root, err := os.OpenRoot(what.root)
	if err != nil {
		return nil, fmt.Errorf("saving the plan: %w", err)
	}
	defer root.Close()
	s, err := plan.Save(root.FS(), change)
	if err != nil {
		return nil, err
	}
	stack, err := templates.Load(what.stack)
	if err != nil {
		return nil, err
	}
	s.Mcpauth, s.Template = buildinfo.Version(), stack.Version
	if err := what.sign(&s, root.FS(), change); err != nil {
		return nil, err
	}
	return s.Encode()
}

// seen returns the state of go.mod, go.sum and the program's files.
func seen(m *gosource.Module, now fs.FS) ([]plan.State, error) {
	var states []plan.State
	for _, name := range []string{"go.mod", "go.sum"} {
		content, err := fs.ReadFile(now, name)
		state := plan.State{Path: name, Digest: plan.Sum(content).String()}
		if errors.Is(err, fs.ErrNotExist) {
			state.Digest, err = "", nil
		}
		if err != nil {
			return nil, fmt.Errorf("saving the plan: %w", err)
		}
		states = append(states, state)
	}
	var sources []plan.State
	for name, content := range m.Sources {
		if rel := m.Rel(name); rel != "" { // a file that cgo made is elsewhere
			sources = append(sources, plan.State{Path: rel, Digest: plan.Sum(content).String()})
		}
	}
	slices.SortFunc(sources, func(a, b plan.State) int { return bytes.Compare([]byte(a.Path), []byte(b.Path)) })
	return append(states, sources...), nil
}

// requires returns the modules that go.mod requires once the change is made.
func requires(now fs.FS, change plan.Plan) ([]string, error) {
	content, err := fs.ReadFile(now, "go.mod")
	for _, op := range change.Ops {
		if op.Path == "go.mod" {
			content = op.Content
		}
	}
	if err != nil {
		return nil, fmt.Errorf("saving the plan: %w", err)
	}
	mod, err := modfile.Parse("go.mod", content, nil)
	if err != nil {
		return nil, fmt.Errorf("saving the plan: %w", err)
	}
	list := []string{}
	for _, r := range mod.Require {
		list = append(list, r.Mod.String())
	}
	return list, nil
}

// within returns name relative to root, slash-separated; empty where it is not below root.
func within(root, name string) string {
	rel, err := filepath.Rel(resolved(root), resolved(name))
	if err != nil || !filepath.IsLocal(rel) {
		return ""
	}
	return filepath.ToSlash(rel)
}

// resolved returns the absolute name without symbolic links, as far as the file is there.
func resolved(name string) string {
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
	}
	return absolute(name)
}

package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/internal/config"
	"github.com/mcpauth/mcpauth/internal/plan"
	"github.com/mcpauth/mcpauth/internal/prompt"
	"github.com/mcpauth/mcpauth/internal/textdiff"
	"github.com/mcpauth/mcpauth/templates"
)

// preview is --dry-run: the plan on standard error and its diff on standard output, or with --json one document.
func (p *program) preview(t target, change plan.Plan) error {
	if p.json {
		return p.printJSON(plan.NewFullDocument(t.dir, change))
	}
	p.sayPlan(t, change)
	diff, err := textdiff.Plan(os.DirFS(t.dir), change)
	if err != nil {
		return fmt.Errorf("comparing the plan with %s: %w", t.dir, err)
	}
	_, err = p.streams.Out.Write(diff)
	return err
}

func (p *program) sayPlan(t target, change plan.Plan) {
	p.say("Plan for %s:", filepath.Clean(t.dir))
	width, vendored := 0, 0
	for _, op := range change.Ops {
		if isVendored(op.Path) {
			vendored++
		} else {
			width = max(width, len(op.Path))
		}
	}
	for _, op := range change.Ops {
		if !isVendored(op.Path) {
			p.say("  %-9s  %-*s  %s", op.Action, width, printable(op.Path), printable(op.Reason))
		}
	}
	if vendored > 0 {
		p.say("  and %d files in vendor/, which the diff of --dry-run has", vendored)
	}
	p.sayNotes(change)
}

// isVendored tells the files that are too many to list.
func isVendored(path string) bool { return strings.HasPrefix(path, "vendor/") }

func (p *program) sayNotes(change plan.Plan) {
	for _, note := range change.Notes {
		p.say("Note: %s.", printable(note))
	}
}

// confirm shows the plan and asks, where somebody can answer. Without a terminal --force has said enough.
func (p *program) confirm(ctx context.Context, o initOptions, prompter prompt.Prompter, t *target, change plan.Plan) error {
	overwrites := slices.ContainsFunc(change.Ops, func(op plan.Op) bool { return op.Action == plan.Overwrite })
	if overwrites || prompt.Interactive(prompter) && !o.yes {
		p.sayPlan(*t, change)
		t.shown = true
	}
	if o.yes || !prompt.Interactive(prompter) {
		return nil
	}
	ok, err := prompter.Confirm(ctx, fmt.Sprintf("Write these %d files?", len(change.Ops)), !overwrites)
	if err == nil && !ok {
		err = errDeclined
	}
	return err
}

// unchanged ends a run that has nothing to write. With --verify it proves the project that is there.
func (p *program) unchanged(ctx context.Context, o initOptions, stack templates.Stack, t target, c config.Config) error {
	var report verification
	if o.verify {
		if err := p.verify(ctx, stack, t.dir, c, &report); err != nil {
			return withHint(err, stack)
		}
	}
	if p.json {
		return p.printJSON(newInitDocument(t, plan.Plan{}, "unchanged", report))
	}
	p.say("%s is already what these answers give. Nothing to do.", filepath.Clean(t.dir))
	return nil
}

// sayNext tells what to do with the new project.
func (p *program) sayNext(o initOptions, stack templates.Stack, c config.Config, g gathered) {
	p.say("")
	p.say("Next:")
	if clean := filepath.Clean(o.dir); clean != "." {
		p.say("  cd %s", shellWord(clean))
	}
	start, where := stack.ByHand.Run, "MCP at "+c.LocalURL()
	if o.dev {
		start, where = "mcpauth dev", where+", and an authorization server beside it"
	}
	width := max(len(stack.ByHand.Test), len(start))
	p.say("  %-*s   # offline", width, stack.ByHand.Test)
	p.say("  %-*s   # %s", width, start, where)
	if o.dev {
		p.say("These answers are for offline work. For real clients, register the server in Scalekit: see README.md there.")
	}
	if g.asked {
		p.say("")
		p.say("The same without questions:")
		p.say("  %s", equivalent(o, g.answers))
	}
}

// equivalent is the command line that gives the same project without questions. Secrets are left out.
func equivalent(o initOptions, a config.Answers) string {
	words := []string{"mcpauth", "init", shellWord(o.dir), "--no-input"}
	if o.stack != templates.Default {
		words = append(words, "--stack", o.stack)
	}
	for _, f := range config.Fields() {
		answer, answered := a[f.Key]
		switch {
		case !answered || answer.Source == "DIR" || answer.Value == "":
		case f.Kind == config.Secret:
			words = append(words, "--"+f.Flag, "FILE")
		case f.Kind == config.JSON:
			words = append(words, "--"+f.Flag, shellWord(compact(answer.Value)))
		default:
			words = append(words, "--"+f.Flag, shellWord(answer.Value))
		}
	}
	if o.force {
		words = append(words, "--force")
	}
	return strings.Join(words, " ")
}

func compact(document string) string {
	var out bytes.Buffer
	if json.Compact(&out, []byte(document)) != nil {
		return document
	}
	return out.String()
}

// shellWord quotes the name s for a POSIX shell where that is needed.
func shellWord(s string) string {
	if strings.HasPrefix(s, "-") {
		s = "./" + s // a name, not a flag
	}
	return shellQuoted(s)
}

func shellQuoted(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_./:@%+,=-", r)
	}
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

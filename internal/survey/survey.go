// Package survey tries mcpauth retrofit on programs that nobody here wrote: on a copy of each, the originals are only
// read. It judges by what it sees in the copies and hears from the go command, not by what the command says of itself.
package survey

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mcpauth/mcpauth/generator/gopatch"
	"github.com/mcpauth/mcpauth/internal/gosource"
)

// A Survey is how programs are tried.
type Survey struct {
	Dir string // that holds the programs
	// Retrofit runs mcpauth retrofit with these arguments, and returns its exit code and what it said.
	Retrofit func(ctx context.Context, args ...string) (code int, said string)
}

// Run tries one program. The error is of the survey itself: the program's own troubles are in the row.
func (s Survey) Run(ctx context.Context, p Program) (row Row, err error) {
	scratch, err := os.MkdirTemp("", "mcpauth-survey-")
	if err != nil {
		return row, fmt.Errorf("making a directory for the copy: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	checkout := filepath.FromSlash(p.checkout())
	if err := os.CopyFS(filepath.Join(scratch, checkout), os.DirFS(filepath.Join(s.Dir, checkout))); err != nil {
		return row, fmt.Errorf("copying %s: %w", p.Dir, err)
	}
	t := trial{Survey: s, program: p, scratch: scratch, row: Row{Program: p}}
	if t.before, err = tree(scratch, p.checkout()); err != nil {
		return row, err
	}
	begin := time.Now()
	err = t.run(ctx)
	t.row.Took = time.Since(begin)
	return t.row, errors.Join(err, ctx.Err())
}

// A trial is one program's.
type trial struct {
	Survey
	program Program
	scratch string          // stands for Dir
	before  map[string]file // as it was copied
	row     Row
}

func (t *trial) run(ctx context.Context) error {
	t.row.Servers = servers(ctx, t.dir())
	_, t.row.Strict = t.retrofit(ctx, "--dry-run")
	code, said := t.retrofit(ctx, "--allow-upgrades")
	t.row.Outcome = said
	d, err := t.difference()
	if err != nil {
		return err
	}
	if code != 0 {
		t.row.Undone = verdict(len(d) == 0)
		return nil
	}
	t.row.At = d.changes(t.program.Module)
	t.row.Builds = t.gocmd(ctx, "build", "-o", os.DevNull, "./...")
	t.row.Vet = t.gocmd(ctx, append([]string{"vet"}, d.packages(t.program.Module)...)...)
	tests := append([]string{"test", "-timeout", testTimeout}, d.packages(t.program.Module)...)
	t.row.Tests = t.gocmd(ctx, tests...)
	if err := t.again(ctx, d); err != nil {
		return err
	}
	if t.row.Tests != yes && t.gocmd(ctx, tests...) != yes {
		t.row.Tests = "fail unpatched too"
	}
	return nil
}

// testTimeout is how long a package's own tests may take.
const testTimeout = "2m"

// again runs the command once more, which must change nothing, and takes the patch back.
func (t *trial) again(ctx context.Context, patched difference) error {
	code, said := t.retrofit(ctx, "--allow-upgrades")
	d, err := t.difference()
	if err != nil {
		return err
	}
	t.row.Again = said
	if code == 0 {
		t.row.Again = verdict(d.equal(patched))
	}
	code, said = t.retrofit(ctx, "--undo")
	if d, err = t.difference(); err != nil {
		return err
	}
	t.row.Undone = said
	if code == 0 {
		t.row.Undone = verdict(len(d) == 0)
	}
	return nil
}

func (t *trial) dir() string { return filepath.Join(t.scratch, filepath.FromSlash(t.program.Dir)) }

func (t *trial) difference() (difference, error) {
	now, err := tree(t.scratch, t.program.checkout())
	return compare(t.before, now), err
}

// retrofit runs the command on the copy. Its words are those of the error, patched where there is none.
func (t *trial) retrofit(ctx context.Context, args ...string) (code int, said string) {
	args = append([]string{t.dir()}, args...)
	if t.program.Server != "" && args[len(args)-1] != "--undo" {
		args = append(args, "--server", t.program.Server)
	}
	code, said = t.Retrofit(ctx, args...)
	if code == 0 {
		return code, patched
	}
	if _, reason, ok := strings.Cut("\n"+said, "\nmcpauth: "); ok {
		said, _, _ = strings.Cut(reason, "\nhint: ")
	}
	return code, strings.TrimSpace(strings.ReplaceAll(said, t.scratch+string(filepath.Separator), ""))
}

// servers lists what a program serves, each as its first site and kind.
func servers(ctx context.Context, dir string) []string {
	m, err := gosource.Load(ctx, dir)
	if err != nil {
		return nil // the command says why
	}
	var list []string
	for _, server := range gopatch.Find(m).Servers {
		line := server.Sites[0].Position + " " + server.Sites[0].Kind
		if server.Decoy != "" {
			line += " (" + server.Decoy + ")"
		}
		list = append(list, line)
	}
	return list
}

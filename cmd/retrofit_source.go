package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/mcpauth/mcpauth/internal/gosource"
	"github.com/mcpauth/mcpauth/internal/refusal"
)

// source loads the program in the directory that was named.
func (p *program) source(ctx context.Context, dir string) (*gosource.Module, error) {
	root, _ := moduleRoot(dir)
	done := p.streams.Progress("reading the program")
	m, err := gosource.Load(ctx, dir)
	done()
	switch {
	case errors.Is(err, gosource.ErrNoModule):
		return nil, noProgram(ctx, dir, root)
	case err != nil && patched(root):
		return nil, hinted{unloaded(root, err), "mcpauth retrofit --undo takes back what is left of an earlier patch"}
	case err != nil:
		return nil, unloaded(root, err)
	case m.Program.Name != "main":
		programs, _ := gosource.Programs(ctx, root)
		return nil, &refusal.Refusal{Code: refusal.CodeMain, Reason: fmt.Sprintf("%s is package %s, not a program; the module has these programs:", dir, m.Program.Name), ByHand: programs}
	}
	return m, nil
}

// unloaded makes a refusal of what the go command or the compiler says.
func unloaded(root string, err error) error {
	if e, ok := errors.AsType[gosource.BuildError](err); ok {
		return &refusal.Refusal{Code: refusal.CodeBuild, Position: e.Position, Reason: "the code does not build as it is: " + e.Text}
	}
	if e, ok := errors.AsType[gosource.VersionError](err); ok {
		r := &refusal.Refusal{Code: refusal.CodeVersion, Reason: e.Text}
		if strings.HasPrefix(e.Text, "go.mod ") {
			r.Position = goLinePosition(root)
		}
		return r
	}
	return err
}

// unbuilt is the refusal of a module that does not build as it is, at the first error among what go build said.
func unbuilt(said string) error {
	r := &refusal.Refusal{Code: refusal.CodeBuild, Reason: "the code does not build as it is: " + said}
	if m := regexp.MustCompile(`(?m)^(?:\./)?([^\s:]+\.go:\d+):(?:\d+:)? (.*)$`).FindStringSubmatch(said); m != nil {
		r.Position, r.Reason = filepath.ToSlash(m[1]), "the code does not build as it is: "+m[2]
	}
	return r
}

// goLinePosition returns where the go line of go.mod is.
func goLinePosition(root string) string {
	content, err := os.ReadFile(filepath.Join(root, "go.mod"))
	at := regexp.MustCompile(`(?m)^go[ \t]`).FindIndex(content)
	if err != nil || at == nil {
		return "go.mod"
	}
	return fmt.Sprintf("go.mod:%d", 1+strings.Count(string(content[:at[0]]), "\n"))
}

// noProgram is the error of a directory without a package, with the programs that there are.
func noProgram(ctx context.Context, dir, root string) error {
	err := usageError{fmt.Errorf("reading %s: %w", dir, gosource.ErrNoModule)}
	if root == "" {
		return hinted{err, "name the directory of a Go program, with a go.mod there or above it, or the file that creates an application in " + languageNames()}
	}
	programs, _ := gosource.Programs(ctx, root) // only for the hint
	if len(programs) == 0 {
		return hinted{err, "the module at " + root + " has no program"}
	}
	return hinted{err, "the programs of this module: " + strings.Join(programs, ", ")}
}

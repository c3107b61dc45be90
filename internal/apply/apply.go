// Package apply carries out a plan on a directory: completely, or not at all.
//
// [Create] makes a new directory: everything is written beside it and one rename puts it in place.
// [Modify] changes a directory that has to stay where it is: a journal inside it holds the originals
// until the last change is made. After kill -9 a target of Create is as it was or complete, and a
// target of Modify is put back by [Recover]. Any error, and the end of the context, undoes everything
// before the function returns.
//
// Below the target every path is opened through [os.Root], so no symbolic link leads outside, and no
// planned path may pass through one inside.
//
// A killed process loses nothing that the kernel already has, so only bytes that cannot be rendered
// again are flushed to the disk: the originals that Modify replaces, its journal when it holds any,
// and the replacements. New files are not flushed.
//
// Not kept when a file is replaced: its owner, when that is another user, its extended attributes,
// and its further hard links.
package apply

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/mcpauth/mcpauth/internal/plan"
)

// A Result says what happened besides the plan.
type Result struct {
	Swept []string // leftovers of runs that were killed, now removed
	Left  []string // what this run wanted to remove after its success, and could not
}

// A transaction is one plan on its way to one directory.
type transaction struct {
	plan    plan.Plan
	secrets map[string]string
	staged  func(dir string) error
	ended   func() error
	forward system // refuses to change anything once the context has ended
	back    system // used to undo: never refuses
}

func newTransaction(ctx context.Context, sys system, p plan.Plan, secrets map[string]string, staged func(string) error) transaction {
	return transaction{plan: p, secrets: secrets, staged: staged, ended: ctx.Err, forward: sys.within(ctx), back: sys}
}

// A system is what a transaction knows of the machine. Tests put in one that fails or dies.
type system struct {
	pid    int
	alive  func(pid int) bool
	before func(op, path string) error // called before each change; an error prevents it
	flush  func(*os.File) error        // to the disk
}

func machine() system {
	return system{
		pid:    os.Getpid(),
		alive:  alive,
		before: func(string, string) error { return nil },
		flush:  (*os.File).Sync,
	}
}

func (s system) within(ctx context.Context) system {
	before := s.before
	s.before = func(op, path string) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return before(op, path)
	}
	return s
}

// contentOf returns what to write for op. A file with a secret is never wider than both its planned
// mode and the mode of the file it replaces; any other replacement keeps the mode it finds.
func contentOf(op plan.Op, secrets map[string]string, found *snapshot) content {
	c := content{bytes: op.Fill(secrets), mode: op.Mode, private: len(op.Holes) > 0}
	if found == nil {
		return c
	}
	c.durable = true
	if c.private {
		c.mode = found.mode&op.Mode | 0o400
	} else {
		c.mode = found.mode
	}
	return c
}

// checkPlan refuses a plan that names this package's own files or those of git, which run code.
func checkPlan(p plan.Plan) error {
	if err := p.Validate(); err != nil {
		return fmt.Errorf("checking the plan: %w", err)
	}
	for _, op := range p.Ops {
		if reserved(op.Path) {
			return &Refused{Path: op.Path, Reason: Reserved}
		}
	}
	return nil
}

func reserved(name string) bool {
	for element := range strings.SplitSeq(strings.ToLower(name), "/") {
		if element == ".git" || strings.HasPrefix(element, ".mcpauth-") {
			return true
		}
	}
	return false
}

// modeBits are the bits that chmod sets.
const modeBits = fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky

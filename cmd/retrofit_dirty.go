package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/internal/prompt"
	"github.com/mcpauth/mcpauth/internal/refusal"
	"github.com/mcpauth/mcpauth/internal/worktree"
)

// checkTree looks for changes in the module at root that are not committed, with which ours would mix: git could then
// neither show ours alone nor take them back. A run that writes is refused, or asks; what else there is to say of the
// tree comes back as a note. Files that are not the module's, such as a plan, do not count.
func (p *program) checkTree(ctx context.Context, root string, w writing, prompter prompt.Prompter, others ...string) (note string, err error) {
	files, err := worktree.Dirty(ctx, root)
	if errors.Is(err, worktree.ErrUnknown) {
		return "whether the module has changes that are not committed is not known: " + err.Error(), nil
	}
	if err != nil {
		return "", fmt.Errorf("looking for changes that are not committed: %w", err)
	}
	files = slices.DeleteFunc(files, func(name string) bool {
		return slices.ContainsFunc(others, func(other string) bool { return other != "" && within(root, other) == name })
	})
	if len(files) == 0 {
		return "", nil
	}
	refusal := &refusal.Refusal{
		Code: refusal.CodeDirty, ByHand: some(files),
		Reason: "the module has changes that are not committed: commit or stash them, or use --allow-dirty",
	}
	switch {
	case w.allowDirty || w.dryRun:
		return "not committed yet: " + strings.Join(some(files), ", "), nil
	case w.yes || !prompt.Interactive(prompter):
		return "", refusal
	}
	p.say("Not committed yet, so that git could not tell them from what is written now:")
	for _, name := range some(files) {
		p.say("  %s", printable(name))
	}
	ok, err := prompter.Confirm(ctx, "Go on all the same?", false)
	if err == nil && !ok {
		err = errDeclined
	}
	return "", err
}

// some returns the first of the names, and how many more there are.
func some(names []string) []string {
	const most = 10
	if len(names) <= most {
		return names
	}
	return append(slices.Clone(names[:most]), fmt.Sprintf("and %d more", len(names)-most))
}

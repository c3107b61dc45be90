// Package worktree asks git what in a directory is not committed.
//
// The directory may be of somebody who means harm: nothing that its git configuration names is run. git is told to use
// no hook, no file system monitor, no filter, no transport, and to look into no submodule.
package worktree

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/internal/run"
)

// ErrUnknown says that git could not tell, for example because there is no git.
var ErrUnknown = errors.New("git cannot tell what is not committed")

// Dirty returns the files below dir that are modified, staged, in conflict, or untracked and not ignored, relative to dir,
// slash-separated and sorted. A directory that is in no repository has none.
func Dirty(ctx context.Context, dir string) ([]string, error) {
	prefix, inside, err := locate(ctx, dir)
	if err != nil || !inside {
		return nil, err
	}
	filters, err := ownFilters(ctx, dir)
	if err != nil {
		return nil, err
	}
	// No rename is looked for: each of the two paths counts, and no blob has to be read.
	out, err := git(ctx, dir, filters, "status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--ignore-submodules=all", "--", ".")
	if err != nil {
		return nil, err
	}
	var files []string
	for entry := range strings.SplitSeq(out, "\x00") {
		const state = len("XY ")
		if len(entry) > state {
			files = append(files, strings.TrimPrefix(entry[state:], prefix)) // git names them from the top of the repository
		}
	}
	slices.Sort(files)
	return files, nil
}

// locate returns the path of dir in its repository, with a slash at its end, and whether it is in one.
func locate(ctx context.Context, dir string) (prefix string, inside bool, err error) {
	out, err := git(ctx, dir, nil, "rev-parse", "--is-inside-work-tree", "--show-prefix")
	if err != nil && strings.Contains(err.Error(), "not a git repository") {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	answer, prefix, _ := strings.Cut(out, "\n")
	return strings.TrimSuffix(prefix, "\n"), answer == "true", nil
}

// ownFilters returns what turns off the filters that the repository's own configuration has: git status runs them on
// files that may have changed. Those of the person's configuration stay: without that of git-lfs its files look changed.
func ownFilters(ctx context.Context, dir string) ([]setting, error) {
	out, err := git(ctx, dir, nil, "config", "--list", "--show-scope", "-z", "--name-only")
	if err != nil {
		return nil, err
	}
	var off []setting
	fields := strings.Split(out, "\x00")
	for i := 0; i+1 < len(fields); i += 2 {
		scope, name := fields[i], fields[i+1]
		if theirs := scope == "local" || scope == "worktree"; !theirs || !strings.HasPrefix(name, "filter.") {
			continue
		}
		s := setting{name: name}
		if strings.HasSuffix(name, ".required") {
			s.value = "false"
		}
		off = append(off, s)
	}
	return off, nil
}

// A setting of git goes into the environment: the name of a filter may hold a =, which ends the name in an argument.
type setting struct{ name, value string }

// environment is that of git. Of the caller's GIT_ variables none is kept: in a hook of git they name another repository.
func environment(settings []setting) []string {
	// Without optional locks the index is not written, which would run a hook.
	vars := []string{"GIT_OPTIONAL_LOCKS=0", "GIT_ALLOW_PROTOCOL=none", "GIT_NO_LAZY_FETCH=1", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C"}
	settings = append([]setting{{"core.fsmonitor", "false"}, {"core.hooksPath", os.DevNull}}, settings...)
	for i, s := range settings {
		vars = append(vars, fmt.Sprintf("GIT_CONFIG_KEY_%d=%s", i, s.name), fmt.Sprintf("GIT_CONFIG_VALUE_%d=%s", i, s.value))
	}
	return run.Environment(os.Environ(), append(vars, fmt.Sprintf("GIT_CONFIG_COUNT=%d", len(settings))))
}

// git runs git in dir and returns what it prints. The error is an ErrUnknown, or that of ctx.
func git(ctx context.Context, dir string, settings []setting, args ...string) (string, error) {
	result, err := run.Output(ctx, run.Command{Path: "git", Args: append([]string{"--no-pager"}, args...), Dir: dir, Env: environment(settings)})
	switch {
	case ctx.Err() != nil:
		return "", err
	case errors.Is(err, exec.ErrNotFound):
		return "", fmt.Errorf("%w: it is not on the PATH", ErrUnknown)
	case err != nil:
		return "", fmt.Errorf("%w: %w", ErrUnknown, err)
	case result.ExitCode != 0:
		first, _, _ := strings.Cut(strings.TrimSpace(string(result.Stderr)), "\n")
		return "", fmt.Errorf("%w: %s", ErrUnknown, first)
	}
	return string(result.Stdout), nil
}

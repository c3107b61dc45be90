package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/generator/script"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// A language is one whose programs retrofit is given by the file that creates their application.
type language struct {
	name      string   // for people, with the framework
	stack     string   // of templates, whose files a program gets
	suffixes  []string // of entry files
	manifests []string // names of files in the root of a project

	requirements []string // those of them that are written: lists of what it requires
	reader       string   // the program that has to read a patched entry as we do

	read script.Reader
	// needs returns where the content of an entry imports what is ours, file:line; empty where it does not.
	needs func(entry string, content []byte) (position string)
	// prove has the reader look at a patched entry, and returns what there is to say of that. The error is a Refusal where it
	// reads something else.
	prove func(ctx context.Context, claim script.Claim) (note string, err error)
}

// languages are those that retrofit knows besides Go.
func languages() []language { return []language{python(), typescript()} }

// languageOf returns the language of a file; false for a directory, and for files of no language that is known.
func languageOf(target string) (language, bool) {
	if info, err := os.Stat(target); err == nil && info.IsDir() {
		return language{}, false
	}
	all := languages()
	i := slices.IndexFunc(all, func(l language) bool { return slices.Contains(l.suffixes, path.Ext(filepath.ToSlash(target))) })
	if i < 0 {
		return language{}, false
	}
	return all[i], true
}

func regular(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// languageNames names the languages, with the suffixes of their files.
func languageNames() string {
	var names []string
	for _, l := range languages() {
		names = append(names, fmt.Sprintf("%s (%s)", l.name, strings.Join(l.suffixes, ", ")))
	}
	return strings.Join(names, " or in ")
}

// scriptHelp is a part of the command's help.
func scriptHelp() string {
	return "Of programs in " + languageNames() + ", TARGET is the file that creates the application. It gets an import, and a call\n" +
		"after that statement. The program is not run for it."
}

// checkFlags refuses those that mean nothing for a program that is not built and not run.
func (l language) checkFlags(flags *pflag.FlagSet) error {
	for _, name := range []string{"protect", "public", "no-tests", "verify", "run-arg", "run-env", "run-dir", "run-url", "report"} {
		if flags.Changed(name) {
			return usageError{fmt.Errorf("--%s is for Go programs: it means nothing for one in %s", name, l.name)}
		}
	}
	return nil
}

// writes says whether the retrofit of an entry may write a file: the entry, ours, and lists of requirements.
func (l language) writes(entry, name string) bool {
	return name == entry || strings.HasPrefix(name, script.FolderOf(entry)+"/") || slices.Contains(l.requirements, path.Base(name))
}

// A place is where an entry is.
type place struct {
	root  string // of the project
	entry string // relative to it, slash-separated
}

// record is where a patched project says how to take the patch back.
func (p place) record() string { return path.Join(script.FolderOf(p.entry), "undo.json") }

func (p place) patched() bool { return exists(filepath.Join(p.root, filepath.FromSlash(p.record()))) }

// locate finds the project of a file: the nearest directory with a manifest, or that of the repository, or the file's own.
func (l language) locate(file string) (place, error) {
	info, err := os.Stat(file)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is no regular file")
	}
	if err != nil {
		return place{}, usageError{fmt.Errorf("reading the program: %w", err)}
	}
	file = absolute(file)
	root, ok := above(filepath.Dir(file), l.manifests)
	if !ok {
		root, ok = above(filepath.Dir(file), []string{".git"})
	}
	if !ok {
		root = filepath.Dir(file)
	}
	entry, err := filepath.Rel(root, file)
	if err != nil {
		return place{}, fmt.Errorf("reading the program: %w", err)
	}
	return place{root, filepath.ToSlash(entry)}, nil
}

// above returns the nearest directory, dir or above it, that has a file of one of the names.
func above(dir string, names []string) (string, bool) {
	for {
		if slices.ContainsFunc(names, func(name string) bool { return exists(filepath.Join(dir, name)) }) {
			return dir, true
		}
		if dir == filepath.Dir(dir) {
			return "", false
		}
		dir = filepath.Dir(dir)
	}
}

// programAt completes the argument at that place with directories and with files of the languages.
func programAt(at int) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) != at {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var suffixes []cobra.Completion
		for _, l := range languages() {
			for _, suffix := range l.suffixes {
				suffixes = append(suffixes, strings.TrimPrefix(suffix, "."))
			}
		}
		return suffixes, cobra.ShellCompDirectiveFilterFileExt
	}
}

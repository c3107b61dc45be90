// Package script holds what patches of programs have in common whose entry is a file: Python and TypeScript. The file gets an
// import and a call after the statement that creates the application; all else is in new files of ours.
package script

import (
	"fmt"
	"io/fs"
	"path"

	"github.com/mcpauth/mcpauth/internal/refusal"
	"github.com/mcpauth/mcpauth/templates"
)

// Folder is the name of the folder of ours beside the entry of a patched program.
const Folder = "mcpauth"

// FolderOf returns the folder of ours for an entry, both relative to the project.
func FolderOf(entry string) string { return path.Join(path.Dir(entry), Folder) }

// A Program is an entry file that was read, in the project that it is part of.
type Program interface {
	// Sites are the statements that create an application, in the order of the file.
	Sites() []Site
	// Installed is where ours is called already, file:line; empty where it is not.
	Installed() string
	// Patch returns what changes for the application that the site creates. Where Installed says that the call is there,
	// the site counts for nothing, and the entry does not change. The error is a Refusal where no patch fits.
	Patch(site Site, w Wish) (Patch, error)
}

// A Project is where a program is.
type Project struct {
	fs.FS
	Name  string // of its directory
	Entry string // path of the file that creates the application
}

// A Reader reads the entry of a project. The error is a Refusal where it cannot be patched whatever is asked.
type Reader func(Project) (Program, error)

// A Site is a statement that creates an application.
type Site struct {
	Position string // file:line, relative to the project
	Text     string // the statement in one line, for a list
	Index    int    // among the statements of the file
}

// A Wish is what a person asks of a patch.
type Wish struct {
	Path     string                  // of the MCP endpoint; empty to have one chosen
	Upgrades bool                    // requirements of the person's may move
	Requires []templates.Requirement // of what is added
}

// A Patch is what becomes of a project.
type Patch struct {
	Files  []File   // of the person's that change
	Folder string   // for the files of ours, relative to the project
	Traits []string // of the program, to choose among the files of ours
	Path   string   // of the MCP endpoint
	// Adapt makes of a file of ours what the program can load; nil where that is the file as it is.
	Adapt func([]byte) []byte
	Claim Claim
	Notes []string
}

// A File is a file of the person's, before and after.
type File struct {
	Path          string // relative to the project
	Before, After []byte
	Reason        string // for the person who reads the plan
}

// A Claim is what somebody else who reads the changed entry has to find, too: at Line begins the statement that gives Target
// the application, and the next one calls Function with Target. An entry that does not change is claimed nothing of.
type Claim struct {
	Before, Source   []byte // without and with the change; nil where nothing is claimed
	Line             int    // in Source, from 1
	Target, Function string
	Form             string   // how the file is read, where its language has several ways
	Position         string   // of the statement in Before, file:line
	ByHand           []string // the lines that are added
}

// Choose returns the site at position, file:line, or with an empty position the only one. The error is a Refusal.
func Choose(sites []Site, position string) (Site, error) {
	if position == "" && len(sites) == 1 {
		return sites[0], nil
	}
	for _, site := range sites {
		if site.Position == position {
			return site, nil
		}
	}
	if position == "" {
		return Site{}, &refusal.Refusal{Code: refusal.CodeMulti, Reason: fmt.Sprintf("the file creates %d applications; choose one:", len(sites)), ByHand: flags(sites)}
	}
	return Site{}, &refusal.Refusal{Code: refusal.CodeNone, Reason: "no application is created at " + position + "; there are:", ByHand: flags(sites)}
}

// List shows every site, one a line.
func List(sites []Site) []string {
	lines := make([]string, len(sites))
	for i, site := range sites {
		lines[i] = site.Position + "  " + site.Text
	}
	return lines
}

// flags shows every site as a flag to choose it.
func flags(sites []Site) []string {
	lines := List(sites)
	for i := range lines {
		lines[i] = "--server " + lines[i]
	}
	return lines
}

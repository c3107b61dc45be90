package gosource

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// A BuildError says that the code does not build as it is, with the first thing that the compiler or the go command said.
type BuildError struct {
	Position string // file:line, relative to the module; empty where no line is to blame
	Text     string
}

func (e BuildError) Error() string {
	if e.Position == "" {
		return "the code does not build as it is: " + e.Text
	}
	return e.Position + ": the code does not build as it is: " + e.Text
}

// A VersionError says, in the go command's words, that the code needs a newer one.
type VersionError struct{ Text string }

func (e VersionError) Error() string { return e.Text }

// ErrNoModule says that a directory belongs to no module.
var ErrNoModule = errors.New("there is no package of a Go module")

// tooOld says whether the go command means itself.
func tooOld(said string) bool { return strings.Contains(said, "requires go >= ") }

// missing is the error of a directory that has no package of a module.
func missing(dir string, found []*packages.Package) error {
	for _, p := range found {
		for _, e := range p.Errors {
			if tooOld(e.Msg) {
				return VersionError{strings.TrimPrefix(e.Msg, "go: ")}
			}
			if p.Module != nil {
				return BuildError{Text: e.Error()}
			}
		}
	}
	return fmt.Errorf("loading %s: %w", dir, ErrNoModule)
}

// unresolved is what the go command says of modules that it cannot take a package from. The compiler would only say that
// an import is wrong.
func unresolved(found []*packages.Package) error {
	for p := range packages.Postorder(found) {
		for _, e := range p.Errors {
			told := func(part string) bool { return strings.Contains(e.Msg, part) }
			if slices.ContainsFunc([]string{"missing go.sum entry", "updates to go.mod needed", "no required module provides package"}, told) {
				return BuildError{Text: strings.TrimPrefix(e.Msg, "go: ")}
			}
		}
	}
	return nil
}

// buildError is the first error that has a position, which the go command's own have not.
func (m *Module) buildError(found []packages.Error) error {
	first := found[0]
	for _, e := range found {
		if e.Kind == packages.TypeError || e.Kind == packages.ParseError {
			first = e
			break
		}
	}
	text := strings.ReplaceAll(first.Msg, m.Dir+string(filepath.Separator), "")
	return BuildError{m.lineOf(first.Pos), text}
}

// lineOf makes file:line of the file:line:column that package packages knows.
func (m *Module) lineOf(position string) string {
	file, line, ok := strings.Cut(strings.TrimPrefix(position, m.Dir+string(filepath.Separator)), ":")
	if !ok || filepath.IsAbs(file) {
		return ""
	}
	line, _, _ = strings.Cut(line, ":")
	return filepath.ToSlash(file) + ":" + line
}

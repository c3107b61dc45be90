package apply

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/internal/plan"
)

// A State is what Inspect found. Problems apart, exactly one of Missing, Empty and neither is the case.
type State struct {
	Missing   bool // nothing is there
	Empty     bool // a directory without entries, leftovers of killed runs not counted
	InPlace   bool // the target exists and Create cannot replace it: use Modify
	Identical bool // every planned file is there with its bytes and mode: nothing to do
	Journal   bool // an interrupted Modify has to be undone first: call Recover

	Conflicts []string   // planned paths that hold other bytes, sorted
	Modes     []string   // planned paths that hold the planned bytes with another mode, sorted
	Others    []string   // top-level entries that the plan does not write, sorted; directories end in a slash
	Problems  []*Refused // what neither Create nor Modify accepts, sorted by path

	found map[string]*snapshot // by planned path
}

// Inspect compares the target directory dir with the plan and changes nothing. What stands in the plan's way is in the
// State; the error is for a target that cannot be read.
func Inspect(dir string, p plan.Plan, secrets map[string]string) (State, error) {
	if err := checkPlan(p); err != nil {
		return State{}, err
	}
	at, err := locate(dir)
	if refused, ok := errors.AsType[*Refused](err); ok {
		return State{Problems: []*Refused{refused}}, nil
	}
	if err != nil {
		return State{}, outcome("inspecting "+dir, err, nil)
	}
	if at.info == nil {
		return State{Missing: true}, nil
	}
	s := State{found: make(map[string]*snapshot)}
	if err := s.read(at, p, secrets); err != nil {
		return State{}, outcome("inspecting "+dir, err, nil)
	}
	return s, nil
}

func (s *State) read(at target, p plan.Plan, secrets map[string]string) error {
	root, err := os.OpenRoot(at.path)
	if err != nil {
		return err
	}
	defer root.Close()
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return err
	}
	s.list(root, entries, p)
	s.InPlace = len(entries) > 0 || at.fixed()
	for _, op := range p.Ops {
		if err := s.compare(root, op, secrets); err != nil {
			return err
		}
	}
	slices.Sort(s.Conflicts)
	slices.Sort(s.Modes)
	slices.SortFunc(s.Problems, func(a, b *Refused) int { return cmp.Compare(a.Path, b.Path) })
	s.Problems = slices.CompactFunc(s.Problems, func(a, b *Refused) bool { return *a == *b })
	s.Identical = len(s.found) == len(p.Ops) && len(s.Conflicts)+len(s.Modes)+len(s.Problems) == 0
	return nil
}

// compare sorts one operation into the State.
func (s *State) compare(root *os.Root, op plan.Op, secrets map[string]string) error {
	found, err := snap(root, op.Path)
	if refused, ok := errors.AsType[*Refused](err); ok {
		s.Problems = append(s.Problems, refused)
		return nil
	}
	if err != nil || found == nil {
		return err
	}
	s.found[op.Path] = found
	if string(found.bytes) != string(op.Fill(secrets)) {
		s.Conflicts = append(s.Conflicts, op.Path)
	} else if !found.hasMode(op.Mode) {
		s.Modes = append(s.Modes, op.Path)
	}
	return nil
}

// list sorts the top-level entries into the State.
func (s *State) list(root *os.Root, entries []fs.DirEntry, p plan.Plan) {
	planned := make(map[string]fs.FileInfo)
	for _, op := range p.Ops {
		top, _, _ := strings.Cut(op.Path, "/")
		if _, seen := planned[top]; !seen {
			planned[top], _ = root.Lstat(top)
		}
	}
	s.Empty = true
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), scratchStem) {
			continue
		}
		s.Empty = false
		switch {
		case e.Name() == journalName:
			s.Journal = true
		case isPlanned(e, planned):
		case e.IsDir():
			s.Others = append(s.Others, e.Name()+"/")
		default:
			s.Others = append(s.Others, e.Name())
		}
	}
}

// isPlanned also knows an entry that the file system takes for a planned one in spite of its spelling.
func isPlanned(e fs.DirEntry, planned map[string]fs.FileInfo) bool {
	if _, ok := planned[e.Name()]; ok {
		return true
	}
	info, err := e.Info()
	if err != nil {
		return false
	}
	for _, p := range planned {
		if p != nil && os.SameFile(p, info) {
			return true
		}
	}
	return false
}

// Resolve returns the plan that makes the inspected target what p describes: a conflicting path becomes an Overwrite of
// exactly the bytes that were found, and a file that needs no change is left out. Of the files in Modes those
// with a secret are rewritten, which narrows their mode; the others keep theirs, as every overwritten file does.
func (s State) Resolve(p plan.Plan) plan.Plan {
	resolved := plan.Plan{Notes: p.Notes}
	for _, op := range p.Ops {
		found := s.found[op.Path]
		differs := slices.Contains(s.Conflicts, op.Path) || len(op.Holes) > 0 && slices.Contains(s.Modes, op.Path)
		if found != nil && !differs {
			continue
		}
		if found != nil {
			prior := found.digest()
			op.Action, op.Prior = plan.Overwrite, &prior
		}
		resolved.Ops = append(resolved.Ops, op)
	}
	return resolved
}

// Package textdiff shows a plan as one unified diff in git's format.
//
// git apply takes the diff and makes what package apply makes, except for what the comment lines at its top name: a
// diff cannot hold secrets, modes other than git's two, or bytes that are not text. Where every operation is
// one of those the diff has no patch, which git apply only takes with --allow-empty.
package textdiff

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/mcpauth/mcpauth/internal/plan"
)

// Plan returns the diff of the plan, empty when it changes nothing. Overwritten and deleted files are read from old, and it is an
// error when one is not what the operation expects.
//
// The old content of a file that holds a secret, or that the plan closes to other users, is neither read nor shown.
func Plan(old fs.FS, p plan.Plan) ([]byte, error) {
	var comments, patches bytes.Buffer
	for _, op := range p.Ops {
		comment, patch, err := show(old, op)
		if err != nil {
			return nil, fmt.Errorf("showing the change of %s: %w", op.Path, err)
		}
		if comment != "" {
			fmt.Fprintf(&comments, "# %s %s\n", quote(op.Path), comment)
		}
		patches.Write(patch)
	}
	return append(comments.Bytes(), patches.Bytes()...), nil
}

func show(old fs.FS, op plan.Op) (comment string, patch []byte, err error) {
	if op.Action == plan.Create {
		comment, patch = showNew(op)
		return comment, patch, nil
	}
	if len(op.Holes) > 0 || op.Mode&0o077 == 0 {
		return "is " + done(op) + " and not shown: it is private", nil, nil
	}
	before, err := fs.ReadFile(old, op.Path)
	if err != nil {
		return "", nil, err
	}
	if plan.Sum(before) != *op.Prior {
		return "", nil, errors.New("it is not the file that the plan was made for")
	}
	if op.Action == plan.Overwrite && bytes.Equal(before, op.Content) {
		return "", nil, nil
	}
	if isBinary(before) || isBinary(op.Content) {
		return "is " + done(op) + " and not shown: it is not text", nil, nil
	}
	return "", patchOf(op, before), nil
}

func done(op plan.Op) string {
	if op.Action == plan.Delete {
		return "removed"
	}
	return "replaced"
}

func showNew(op plan.Op) (comment string, patch []byte) {
	if isBinary(op.Content) {
		return "is created and not shown: it is not text", nil
	}
	var missing []string
	if op.Mode != gitMode(op.Mode) {
		missing = append(missing, fmt.Sprintf("mode %04o", op.Mode))
	}
	missing = append(missing, op.SecretNames()...)
	if len(missing) > 0 {
		comment = "is shown without " + strings.Join(missing, " and ")
	}
	return comment, patchOf(op, nil)
}

// patchOf returns the header and hunks that make op.Content out of before.
func patchOf(op plan.Op, before []byte) []byte {
	from, to := quote("a/"+op.Path), quote("b/"+op.Path)
	var out bytes.Buffer
	fmt.Fprintf(&out, "diff --git %s %s\n", from, to)
	if op.Action == plan.Create {
		fmt.Fprintf(&out, "new file mode 100%o\n", gitMode(op.Mode))
		from = "/dev/null"
	}
	if op.Action == plan.Delete {
		fmt.Fprintf(&out, "deleted file mode 100%o\n", gitMode(op.Mode))
		to = "/dev/null"
	}
	if hunks := hunks(before, op.Content); len(hunks) > 0 {
		fmt.Fprintf(&out, "--- %s\n+++ %s\n", ended(from), ended(to))
		out.Write(hunks)
	}
	return out.Bytes()
}

// hunks returns the diff without its header of three lines.
func hunks(before, after []byte) []byte {
	d := diff.Diff("old", before, "new", after)
	for range 3 {
		_, d, _ = bytes.Cut(d, []byte("\n"))
	}
	return d
}

// gitMode returns the mode that git keeps for a file.
func gitMode(mode fs.FileMode) fs.FileMode {
	if mode&0o100 != 0 {
		return 0o755
	}
	return 0o644
}

// isBinary says what git says: a NUL in the first 8000 bytes. Any other NUL would be as unreadable, so all count.
func isBinary(b []byte) bool { return bytes.IndexByte(b, 0) >= 0 }

package survey

import (
	"bytes"
	"context"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/mcpauth/mcpauth/internal/run"
)

// A Row is what became of one program. Verdicts are yes, or what is wrong; empty where nothing was patched.
type Row struct {
	Program
	Servers []string // that were found, decoys included
	Strict  string   // outcome without --allow-upgrades: patched, or a refusal
	Outcome string   // with it
	At      []string // lines of the person's that change
	Builds  string   // the whole module, patched
	Vet     string   // the packages whose files changed
	Tests   string   // the same packages' own
	Again   string   // a second run changes nothing
	Undone  string   // taken back or refused, every byte is as it was
	Took    time.Duration
}

const (
	yes     = "yes"
	patched = "patched"
)

func verdict(ok bool) string {
	if ok {
		return yes
	}
	return "no"
}

// Header names the columns.
func Header() string {
	return strings.Join([]string{
		"module", "package", "servers", "without upgrades", "with upgrades", "changed at", "lines", "builds", "vet", "tests", "again", "undone", "seconds",
	}, "\t")
}

// String is the row as tab-separated text, without the end of the line.
func (r Row) String() string {
	cells := []string{
		r.Module, r.pkg(), strings.Join(r.Servers, ", "), r.Strict, r.Outcome, strings.Join(r.At, ", "), strconv.Itoa(len(r.At)),
		r.Builds, r.Vet, r.Tests, r.Again, r.Undone, strconv.Itoa(int(r.Took.Seconds())),
	}
	for i, cell := range cells {
		if cells[i] = strings.Join(strings.Fields(cell), " "); cell == "" {
			cells[i] = "-"
		}
	}
	return strings.Join(cells, "\t")
}

// gocmd runs the go command in the module's copy, and returns yes or the first line that it said was wrong.
func (t *trial) gocmd(ctx context.Context, args ...string) string {
	dir := filepath.Join(t.scratch, filepath.FromSlash(t.program.Module))
	result, err := run.Output(ctx, run.Command{Path: "go", Args: args, Dir: dir, Env: append(os.Environ(), "GOWORK=off")})
	switch {
	case err != nil:
		return err.Error()
	case result.ExitCode == 0:
		return yes
	}
	for line := range bytes.Lines(append(result.Stderr, result.Stdout...)) {
		if text := string(bytes.TrimSpace(line)); text != "" && !strings.HasPrefix(text, "#") && !strings.HasPrefix(text, "go: downloading") {
			return "no: " + text
		}
	}
	return "no"
}

func (d difference) equal(other difference) bool {
	return maps.EqualFunc(d, other, func(a, b struct{ before, after []byte }) bool { return bytes.Equal(a.after, b.after) })
}

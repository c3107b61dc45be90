package survey_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/golden"
	"github.com/mcpauth/mcpauth/internal/survey"
)

func TestPrograms(t *testing.T) {
	t.Parallel()
	got, err := survey.Programs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	want := []survey.Program{{Dir: "many/cmd/api", Module: "many"}, {Dir: "many/inner", Module: "many/inner"}, {Dir: "one", Module: "one"}}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	listed, err := survey.Listed(got, "./one\tmain.go:9\n\nmany/inner\n")
	want = []survey.Program{{Dir: "one", Module: "one", Server: "main.go:9"}, {Dir: "many/inner", Module: "many/inner"}}
	if err != nil || !slices.Equal(listed, want) {
		t.Errorf("got %+v, want %+v: %v", listed, want, err)
	}
	if _, err := survey.Listed(got, "many\n"); err == nil {
		t.Error("a directory without a program passes")
	}
}

// A command stands in for mcpauth retrofit: what it makes of main.go, and what undoing leaves of it.
type command struct {
	patched, undone string
	restless        bool // a second run changes something, too
	args            []string
}

func (c *command) run(_ context.Context, args ...string) (int, string) {
	c.args = append(c.args, strings.Join(args[1:], " "))
	main := filepath.Join(args[0], "main.go")
	now, err := os.ReadFile(main)
	text := c.patched
	switch {
	case err != nil:
		return 1, err.Error()
	case slices.Contains(args, "--dry-run"):
		return 3, "reading the program...\nmcpauth: RF-UPGRADE: go.mod: in the way\n    go 1.20\nhint: none\n"
	case slices.Contains(args, "--undo"):
		text = c.undone
	case string(now) == c.patched && c.restless:
		text += "\n"
	}
	if err := os.WriteFile(main, []byte(text), 0o644); err != nil {
		return 1, err.Error()
	}
	return 0, "Wrote it.\n"
}

// TestRun wants the table to hold what can be seen in the copies, and the originals to stay as they are.
func TestRun(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("testdata/one/main.go")
	if err != nil {
		t.Fatal(err)
	}
	good := strings.Replace(string(source), "http.NotFoundHandler()", "(http.NotFoundHandler())", 1)
	const servers = "main.go:9 http.ListenAndServe"
	const strict = "RF-UPGRADE: go.mod: in the way go 1.20"
	for name, tc := range map[string]struct {
		command command
		want    string
	}{
		"good": {
			command{patched: good, undone: string(source)},
			"one\t.\t" + servers + "\t" + strict + "\tpatched\tmain.go:9\t1\tyes\tyes\tyes\tyes\tyes",
		},
		"bad": {
			command{patched: strings.Replace(strings.ReplaceAll(good, "\n\n", "\n"), "\t\"log\"", "\"log\"", 1) + "var x int = nil\n", undone: "package main\n", restless: true},
			"one\t.\t" + servers + "\t" + strict + "\tpatched\tmain.go:2, main.go:4, main.go:7, main.go:9\t4\tno: ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := tree(t)
			program := survey.Program{Dir: "one", Module: "one", Server: "main.go:9"}
			row, err := survey.Survey{Dir: "testdata", Retrofit: tc.command.run}.Run(t.Context(), program)
			if err != nil || !strings.HasPrefix(row.String(), tc.want) {
				t.Errorf("got\n%s\nwant\n%s\n%v", row, tc.want, err)
			}
			if clean := row.Again == "yes" && row.Undone == "yes"; clean != (name == "good") {
				t.Errorf("again %q, undone %q", row.Again, row.Undone)
			}
			if err := golden.Compare(tree(t), before); err != nil {
				t.Errorf("the originals: %v", err)
			}
			want := []string{"--dry-run --server main.go:9", "--allow-upgrades --server main.go:9", "--allow-upgrades --server main.go:9", "--undo"}
			if !slices.Equal(tc.command.args, want) {
				t.Errorf("ran %q, want %q", tc.command.args, want)
			}
		})
	}
}

func tree(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := golden.Tree("testdata")
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestRefused wants a program that is refused to be left as it is.
func TestRefused(t *testing.T) {
	t.Parallel()
	for undone, litter := range map[string]string{"yes": "", "no": "left.txt"} {
		refuse := func(_ context.Context, args ...string) (int, string) {
			if litter != "" {
				if err := os.WriteFile(filepath.Join(args[0], litter), nil, 0o644); err != nil {
					return 1, err.Error()
				}
			}
			return 3, "mcpauth: RF-NONE: nothing in " + args[0] + "\n"
		}
		row, err := survey.Survey{Dir: "testdata", Retrofit: refuse}.Run(t.Context(), survey.Program{Dir: "one", Module: "one"})
		if err != nil || row.Outcome != "RF-NONE: nothing in one" || row.Undone != undone {
			t.Errorf("got %+v, %v", row, err)
		}
	}
}

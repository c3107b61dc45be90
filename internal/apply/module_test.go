package apply

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/mcpauth/mcpauth/internal/plan"
	"github.com/mcpauth/mcpauth/internal/undo"
)

// The shape of a patch of a Go module: files of the person's and go.mod are replaced, all else is new, and a record says
// how to take it back.

const (
	mainBefore = "package main\r\n\r\nfunc main() { serve(mux) }\r\n"
	mainAfter  = "package main\r\n\r\nfunc main() { serve(withMCP(mux)) }\r\n"
	modBefore  = "module m\n\ngo 1.25.0\n"
	modAfter   = "module m\n\ngo 1.25.0\n\nrequire example.com/sdk v1.0.0\n"
	glue       = "package mcpauth\n"
	undoRecord = "internal/mcpauth/undo.json"
)

func moduleFiles() fstest.MapFS {
	return fstest.MapFS{"main.go": {Data: []byte(mainBefore)}, "go.mod": {Data: []byte(modBefore)}, "other.txt": {Data: []byte("other")}}
}

func retrofitted() plan.Plan {
	p, err := undo.Add(moduleFiles(), plan.Plan{Ops: []plan.Op{
		overwrite("main.go", mainAfter, mainBefore),
		create("mcpauth_main.go", "package main\n", 0o644),
		create("internal/mcpauth/mcpauth.go", glue, 0o644),
		overwrite("go.mod", modAfter, modBefore),
		create("go.sum", "sum\n", 0o644),
	}}, undoRecord)
	if err != nil {
		panic(err)
	}
	return p
}

func takenBack() plan.Plan {
	now := moduleFiles()
	for _, op := range retrofitted().Ops {
		now[op.Path] = &fstest.MapFile{Data: op.Content}
	}
	p, err := undo.Plan(now, undoRecord)
	if err != nil {
		panic(err)
	}
	return p
}

// plantModule makes the module, patched or not, with modes that are nobody's default.
func plantModule(t testing.TB, dir string, patched bool) {
	t.Helper()
	dir = filepath.Join(dir, "srv")
	for name, file := range moduleFiles() {
		plant(t, filepath.Join(dir, name), string(file.Data), 0o640)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if patched {
		if _, err := Modify(t.Context(), dir, retrofitted(), nil, nil); err != nil {
			t.Fatal(err)
		}
	}
}

func moduleTree() map[string]string {
	return map[string]string{
		".": "drwxr-xr-x", "main.go": "-rw-r----- " + mainBefore, "go.mod": "-rw-r----- " + modBefore, "other.txt": "-rw-r----- other",
	}
}

func retrofittedTree() map[string]string {
	record := retrofitted().Ops[5]
	return merge(moduleTree(), map[string]string{
		"main.go": "-rw-r----- " + mainAfter, "go.mod": "-rw-r----- " + modAfter, "go.sum": "-rw-r--r-- sum\n",
		"mcpauth_main.go": "-rw-r--r-- package main\n", "internal": "drwxr-xr-x", "internal/mcpauth": "drwxr-xr-x",
		"internal/mcpauth/mcpauth.go": "-rw-r--r-- " + glue, undoRecord: "-rw-r--r-- " + string(record.Content),
	})
}

package gopatch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"

	"github.com/mcpauth/mcpauth/internal/refusal"
)

// hidden refuses a program whose server is in a file that this build leaves out; nil where there is none. Such a file
// has no types: it is judged by its spelling.
func (s *Survey) hidden() *refusal.Refusal {
	for _, name := range slices.Sorted(maps.Keys(s.module.Hidden)) {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, s.module.Hidden[name], parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			continue
		}
		call := serves(file)
		if call == nil {
			continue
		}
		position := s.module.Rel(name) + ":" + strconv.Itoa(fset.Position(call.Pos()).Line)
		if imports(file, "C") {
			return &refusal.Refusal{Code: refusal.CodeCgo, Position: position, Reason: "this serves, but the file needs cgo, which is off: CGO_ENABLED=1 and a C compiler show it, but serving from a file without cgo lets it be patched"}
		}
		why := constraintOf(file)
		if why == "" {
			why = "the end of its name"
		}
		return &refusal.Refusal{Code: refusal.CodeTags, Position: position, Reason: "this serves, but the build leaves the file out because of " + why + ": set GOFLAGS=-tags=…, GOOS or GOARCH as you build it"}
	}
	return nil
}

// serves returns the first call in the file that, by its name, serves HTTP.
func serves(file *ast.File) ast.Node {
	if !imports(file, "net/http") {
		return nil
	}
	var found ast.Node
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || found != nil {
			return found == nil
		}
		switch name := calledName(call); name {
		case "ListenAndServe", "ListenAndServeTLS", "Serve", "ServeTLS":
			found = call
		}
		return found == nil
	})
	return found
}

func calledName(call *ast.CallExpr) string {
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.SelectorExpr:
		return f.Sel.Name
	case *ast.Ident: // of a dot import
		return f.Name
	}
	return ""
}

func imports(file *ast.File, path string) bool {
	return slices.ContainsFunc(file.Imports, func(spec *ast.ImportSpec) bool {
		name, err := strconv.Unquote(spec.Path.Value)
		return err == nil && name == path
	})
}

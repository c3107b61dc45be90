package gopatch

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/go/types/typeutil"
)

// defaultIdentity is the identity of http.DefaultServeMux, under whatever name it is served.
const defaultIdentity = "net/http.DefaultServeMux"

// identity is equal for expressions whose values serve the same: one variable, one handler in the same middleware, one
// of the program's functions called with the same arguments. It says nothing across two runs.
func (f *finder) identity(p *packages.Package, expr ast.Expr) string {
	return f.identityOf(p, expr, make(map[types.Object]bool))
}

func (f *finder) identityOf(p *packages.Package, expr ast.Expr, seen map[types.Object]bool) string {
	expr = ast.Unparen(expr)
	if expr == nil || p.TypesInfo.Types[expr].IsNil() {
		return defaultIdentity
	}
	if o := objectOf(p.TypesInfo, expr); o != nil {
		return f.held(p, expr, o, seen)
	}
	call, ok := expr.(*ast.CallExpr)
	switch {
	case ok && p.TypesInfo.Types[call.Fun].IsType() && len(call.Args) == 1:
		return f.identityOf(p, call.Args[0], seen)
	case ok && f.repeats(p, call):
		return f.called(p, call, seen)
	}
	return fmt.Sprintf("%d", expr.Pos())
}

// held is the identity of a variable or field: that of its value, where it only passes one on.
func (f *finder) held(p *packages.Package, expr ast.Expr, o types.Object, seen map[types.Object]bool) string {
	if o.Pkg() != nil && o.Pkg().Path()+"."+o.Name() == defaultIdentity {
		return defaultIdentity
	}
	own := fmt.Sprintf("%p", o)
	if sel, ok := expr.(*ast.SelectorExpr); ok && !isReceiver(p, sel.X) {
		if base := objectOf(p.TypesInfo, sel.X); base != nil {
			own = f.identityOf(p, sel.X, seen) + "." + own
		}
	}
	given := f.values[o]
	if seen[o] || len(given) == 0 {
		return own
	}
	seen[o] = true
	defer delete(seen, o)
	var same string
	for i, v := range given {
		if !handedOn(v) {
			return own
		}
		id := f.identityOf(v.pkg, v.expr, seen)
		if i > 0 && id != same {
			return own
		}
		same = id
	}
	return same
}

// handedOn says whether a value is only handed on, not made.
func handedOn(v value) bool {
	return objectOf(v.pkg.TypesInfo, v.expr) != nil || v.pkg.TypesInfo.Types[v.expr].IsNil()
}

// isReceiver says whether an expression is what a method is called on: all its methods mean the same value by that.
func isReceiver(p *packages.Package, expr ast.Expr) bool {
	id, ok := ast.Unparen(expr).(*ast.Ident)
	if !ok {
		return false
	}
	v, ok := p.TypesInfo.Uses[id].(*types.Var)
	return ok && v.Kind() == types.RecvVar
}

// repeats says whether a call gives the same when it is written twice: a constructor of another module makes something
// new each time, but one of the program's own makes what serves the same.
func (f *finder) repeats(p *packages.Package, call *ast.CallExpr) bool {
	fn := typeutil.StaticCallee(p.TypesInfo, call)
	if fn == nil || fn.Pkg() == nil {
		return false
	}
	for _, own := range f.module.Packages {
		if own.PkgPath == fn.Pkg().Path() {
			return true
		}
	}
	for _, arg := range call.Args {
		if objectOf(p.TypesInfo, arg) != nil {
			return true
		}
	}
	return false
}

func (f *finder) called(p *packages.Package, call *ast.CallExpr, seen map[types.Object]bool) string {
	var b strings.Builder
	b.WriteString(typeutil.StaticCallee(p.TypesInfo, call).FullName())
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && p.TypesInfo.Selections[sel] != nil && !isReceiver(p, sel.X) {
		b.WriteString("@" + f.identityOf(p, sel.X, seen))
	}
	for _, arg := range call.Args {
		id := f.identityOf(p, arg, seen)
		if constant := p.TypesInfo.Types[arg].Value; constant != nil {
			id = constant.ExactString()
		}
		b.WriteString(" " + id)
	}
	return b.String()
}

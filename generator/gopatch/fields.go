package gopatch

import (
	"go/ast"
	"go/constant"
	"go/types"

	"golang.org/x/tools/go/packages"
)

// An assigned field of an http.Server is one that is set outside of its literal.
type assigned struct {
	on    source // the server
	value source
	name  string
}

// assigned notes fields of http.Server that are set.
func (f *flow) assigned(p *packages.Package, n *ast.AssignStmt) {
	for i, left := range n.Lhs {
		sel, ok := ast.Unparen(left).(*ast.SelectorExpr)
		if !ok || len(n.Lhs) != len(n.Rhs) {
			continue
		}
		field, ok := p.TypesInfo.Uses[sel.Sel].(*types.Var)
		if ok && field.IsField() && field.Pkg() != nil && field.Pkg().Path() == "net/http" {
			in := source{pkg: p}
			f.sets = append(f.sets, assigned{f.receiver(in, sel), in.with(n.Rhs[i]), field.Name()})
		}
	}
}

// A setField is a field of an http.Server that is given a value.
type setField struct {
	source
	name string
}

// intOf returns the value of a field that is a constant.
func intOf(f setField) (int64, bool) {
	value := f.pkg.TypesInfo.Types[f.expr].Value
	if value == nil || value.Kind() != constant.Int {
		return 0, false
	}
	return constant.Int64Val(value)
}

// fields returns what the fields of a server's http.Server are given, in its literal or after it.
func (f *flow) fields(server Server) []setField {
	var fields []setField
	made := make(map[any]bool)
	for _, site := range server.Sites {
		for _, o := range f.served(site) {
			made[o.made()] = true
			lit, ok := o.node.(*ast.CompositeLit)
			if !ok {
				continue
			}
			for _, element := range lit.Elts {
				if pair, ok := element.(*ast.KeyValueExpr); ok {
					if name, ok := pair.Key.(*ast.Ident); ok {
						fields = append(fields, setField{o.from.with(pair.Value), name.Name})
					}
				}
			}
		}
	}
	for _, set := range f.sets {
		for _, o := range f.origins(set.on) {
			if made[o.made()] {
				fields = append(fields, setField{set.value, set.name})
			}
		}
	}
	return fields
}

package gopatch

import (
	"go/ast"
	"go/constant"
	"go/token"
)

// A text is a string as far as it is known: its beginning, or all of it.
type text struct {
	value string
	whole bool
}

// text returns the value of a string: a constant, what a variable is given once, and what begins with either.
func (f *flow) text(s source, expr ast.Expr) text { return f.textAt(s, expr, 0) }

func (f *flow) textAt(s source, expr ast.Expr, depth int) text {
	expr = ast.Unparen(expr)
	if value := s.pkg.TypesInfo.Types[expr].Value; value != nil && value.Kind() == constant.String {
		return text{constant.StringVal(value), true}
	}
	if sum, ok := expr.(*ast.BinaryExpr); ok && sum.Op == token.ADD {
		left := f.textAt(s, sum.X, depth+1)
		if !left.whole {
			return left
		}
		right := f.textAt(s, sum.Y, depth+1)
		return text{left.value + right.value, right.whole}
	}
	o := objectOf(s.pkg.TypesInfo, expr)
	if o == nil || depth > maxDepth {
		return text{}
	}
	given := f.given[o]
	if bound, ok := s.bound(o); ok {
		given = []source{bound}
	}
	if len(given) != 1 || given[0].expr == nil {
		return text{}
	}
	return f.textAt(given[0], given[0].expr, depth+1)
}

// list returns the strings of a literal, or the one that an expression is.
func (f *flow) list(s source, expr ast.Expr) []string {
	lit, ok := ast.Unparen(expr).(*ast.CompositeLit)
	if !ok {
		if t := f.text(s, expr); t.whole {
			return []string{t.value}
		}
		return nil
	}
	var values []string
	for _, element := range lit.Elts {
		values = append(values, f.list(s, element)...)
	}
	return values
}

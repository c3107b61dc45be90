package pypatch

import (
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/internal/edit"
)

// importEdit puts the import of ours where the module's other imports are: among those of the project in their order, or
// behind the last one, in a section of its own.
func (p *program) importEdit(c creation, module, line string) edit.Edit {
	all := p.importsAbove(c)
	own := slices.DeleteFunc(slices.Clone(all), func(i int) bool { return p.moduleOf(i) == "" })
	switch {
	case len(own) > 0:
		return p.among(own, module, line)
	case len(all) > 0:
		return p.section(all[len(all)-1], line)
	case p.docstring() && p.statements[0].end < p.statements[p.topOf(c)].start():
		return p.section(0, line)
	}
	return p.Before(p.statements[0].start(), line)
}

// section puts a line behind a statement, and an empty one between the two.
func (p *program) section(statement int, line string) edit.Edit {
	at := p.statements[statement].end
	return p.After(at, p.Newline(at)+line)
}

// among puts the import in front of the first one of the project that sorts behind it, where they are sorted, or behind them.
func (p *program) among(own []int, module, line string) edit.Edit {
	sorted := slices.IsSortedFunc(own, func(a, b int) int { return strings.Compare(p.moduleOf(a), p.moduleOf(b)) })
	for _, i := range own {
		start := p.statements[i].start()
		above := start > 0 && strings.HasPrefix(strings.TrimSpace(string(p.Src[p.LineStart(max(p.LineStart(start)-1, 0)):start])), "#")
		if sorted && !above && p.is(p.statements[i].tokens, 0, "from") && p.moduleOf(i) > module {
			return p.Before(start, line)
		}
	}
	return p.After(p.statements[own[len(own)-1]].end, line)
}

// topOf is the statement of the module's own block in which an application is created.
func (p *program) topOf(c creation) int {
	top := c.Index
	for p.statements[top].parent >= 0 {
		top = p.statements[top].parent
	}
	return top
}

// importsAbove are the imports of the module's own block on lines above the one in which an application is created.
func (p *program) importsAbove(c creation) []int {
	var found []int
	top := p.topOf(c)
	for i, st := range p.statements[:top] {
		imports := p.is(st.tokens, 0, "import") || p.is(st.tokens, 0, "from")
		if p.top(i) && !st.header && imports && st.end < p.statements[top].start() {
			found = append(found, i)
		}
	}
	return found
}

// moduleOf returns the module of the project that a statement imports; empty where it imports none.
func (p *program) moduleOf(statement int) string {
	for _, i := range p.imports() {
		if i.statement == statement && (strings.HasPrefix(i.module, ".") || len(p.candidates(p.Path, i)) > 0) {
			return i.module
		}
	}
	return ""
}

// docstring says whether the first statement is the text that documents the module.
func (p *program) docstring() bool {
	st := p.statements[0]
	return len(st.tokens) > 0 && !slices.ContainsFunc(st.tokens, func(t token) bool { return t.kind != str })
}

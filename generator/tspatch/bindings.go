package tspatch

import "strings"

// A binding is a name for the express module, or for what makes an app.
type binding struct {
	name      string
	namespace bool // the name is the module's: name() makes an app too where modules are CommonJS, and name.default()
	statement span // that gives the name; at the top level of the file
	imports   bool // it is an import of ECMAScript or TypeScript; otherwise require gives the name
}

// A span is a statement: its tokens from first up to end.
type span struct{ first, end int }

// bindings returns the names that the file has for express.
func (s *source) bindings() []binding {
	var list []binding
	for i := range s.tokens {
		switch {
		case s.tokens[i].within < 0 && s.is(i, "import") && s.starts(i) && !s.is(i+1, "("):
			list = append(list, s.imported(i)...)
		case s.isRequire(i):
			list = append(list, s.required(i)...)
		}
	}
	return list
}

// isExpress says whether the token is the string "express".
func (s *source) isExpress(i int) bool {
	return s.isKind(i, text) && (s.at(i) == `"express"` || s.at(i) == `'express'`)
}

// imported returns what an import statement at i names: import x, import * as x, import { default as x }, import x = require().
func (s *source) imported(i int) []binding {
	end := s.importEnd(i)
	statement := span{i, end}
	if s.is(i+2, "=") && s.isRequire(i+3) {
		return []binding{{name: s.at(i + 1), namespace: true, statement: statement, imports: true}}
	}
	from := end - 1
	if s.is(from, ";") {
		from--
	}
	if s.is(from, "}") { // import attributes
		from = s.tokens[from].pair - 2
	}
	if !s.isExpress(from) || s.is(i+1, "type") && !s.is(i+2, "from", ",") {
		return nil
	}
	var list []binding
	for at := i + 1; at < from; at++ {
		switch {
		case s.is(at, "*") && s.is(at+1, "as"):
			list = append(list, binding{name: s.at(at + 2), namespace: true, statement: statement, imports: true})
		case s.is(at, "default") && s.is(at+1, "as"):
			list = append(list, binding{name: s.at(at + 2), statement: statement, imports: true})
		case at == i+1 && s.isKind(at, word):
			list = append(list, binding{name: s.at(at), statement: statement, imports: true})
		}
	}
	return list
}

// importEnd returns the token after an import statement, which ends with a string, or with the attributes after it, or with a call
// of require, and a semicolon that may be left out.
func (s *source) importEnd(i int) int {
	end := i + 1
	for end < len(s.tokens) && !s.isKind(end, text) && !s.is(end, ";") {
		if s.is(end, "{", "(") && s.tokens[end].pair > 0 {
			end = s.tokens[end].pair
		}
		end++
		if s.is(end-1, ")") {
			break
		}
	}
	if s.isKind(end, text) {
		end++
	}
	if s.is(end, "with", "assert") && s.is(end+1, "{") {
		end = s.tokens[end+1].pair + 1
	}
	if s.is(end, ";") {
		end++
	}
	return min(end, len(s.tokens))
}

// isRequire says whether require("express") begins at i, or await import("express").
func (s *source) isRequire(i int) bool {
	called := s.is(i, "require") && !s.is(i-1, ".", "?.", "function") || s.is(i, "import") && s.is(i-1, "await")
	return called && s.is(i+1, "(") && s.isExpress(i+2) && s.is(i+3, ")")
}

// required returns what the declaration around require("express") at i names.
func (s *source) required(i int) []binding {
	first, after := i, i+4
	if s.is(i, "import") {
		first-- // await
	}
	if s.is(first-1, "(") && s.is(after, ")") {
		first, after = first-1, after+1
	}
	ofModule := s.is(after, ".") && s.is(after+1, "default")
	if ofModule {
		after += 2
	}
	if !s.is(first-1, "=") || s.is(after, ".", "(") || s.in(i, "import") {
		return nil
	}
	d, ok := s.declaration(first)
	switch {
	case !ok:
		return nil
	case s.isKind(d.name, word):
		return []binding{{name: s.at(d.name), namespace: !ofModule, statement: d.span}}
	case s.is(d.name, "{"): // { default: express }
		for at := d.name + 1; at < s.tokens[d.name].pair; at++ {
			if s.is(at, "default") && s.is(at+1, ":") && s.isKind(at+2, word) {
				return []binding{{name: s.at(at + 2), statement: d.span}}
			}
		}
	}
	return nil
}

// in says whether the statement that the token at i is in begins with the word.
func (s *source) in(i int, word string) bool {
	for i > 0 && !s.starts(i) {
		i--
	}
	return s.is(i, word)
}

// hasModuleSyntax says whether the file has an import or an export of its own at the top level.
func (s *source) hasModuleSyntax() bool {
	for i := range s.tokens {
		if s.tokens[i].within < 0 && s.starts(i) && (s.is(i, "export") || s.is(i, "import") && !s.is(i+1, "(", ".")) {
			return true
		}
	}
	return false
}

// unquoted returns what a string without escapes holds; empty for any other token.
func (s *source) unquoted(i int) string {
	if !s.isKind(i, text) || strings.Contains(s.at(i), `\`) {
		return ""
	}
	quoted := s.at(i)
	return quoted[1 : len(quoted)-1]
}

package tspatch

import (
	"slices"
	"strings"
)

// An app is where the file makes an Express application.
type app struct {
	made span   // the tokens of the expression that makes it
	name string // what a statement after it calls it; empty where there can be none, and the expression is wrapped
	stmt span   // after which that statement goes
}

// apps returns the places where apps are made, in order.
func (s *source) apps(bindings []binding) []app {
	var list []app
	for i := range s.tokens {
		if made, ok := s.making(i, bindings); ok {
			list = append(list, s.placed(made))
		}
	}
	return list
}

// making returns the call at i that makes an app: express(), express.default() or require("express")().
func (s *source) making(i int, bindings []binding) (span, bool) {
	callee := i + 1
	switch {
	case s.is(i, "require") && s.isRequire(i):
		callee = i + 4
	case !s.isKind(i, word) || s.is(i-1, ".", "?.", "function", "class", "new") || !slices.ContainsFunc(bindings, func(b binding) bool { return b.name == s.at(i) }):
		return span{}, false
	}
	if s.is(callee, ".") && s.is(callee+1, "default") {
		callee += 2
	}
	if !s.is(callee, "(") || s.tokens[callee].pair != callee+1 || s.is(callee+2, "{", "=>", ":") {
		return span{}, false // a method or function of that name is declared, or arguments are given, which Express takes none of
	}
	return span{i, callee + 2}, true
}

// placed finds what an app is called, where one statement makes it and nothing else.
func (s *source) placed(made span) app {
	a := app{made: made}
	end := s.end(made.first)
	if made.first < 2 || !s.is(made.first-1, "=") || !s.only(made.end, end) {
		return a
	}
	if d, ok := s.declaration(made.first); ok {
		if s.isKind(d.name, word) {
			a.name, a.stmt = s.at(d.name), d.span
		}
		return a
	}
	first := made.first - 2
	for s.is(first-1, ".") && s.isKind(first-2, word) {
		first -= 2
	}
	if !s.starts(first) || !s.isKind(made.first-2, word) || s.is(first, "export") || s.isMember(first) {
		return a
	}
	if s.is(end, ";") {
		end++
	}
	a.name = s.text[s.tokens[first].start:s.tokens[made.first-2].end]
	a.stmt = span{first, end}
	return a
}

// only says whether the tokens from i up to end make no other value of the one before: a type that is asserted.
func (s *source) only(i, end int) bool {
	return i == end || s.is(i, "as", "satisfies") && !s.tokens[i].fresh || s.is(i, "!") && i+1 == end
}

// isMember says whether what begins at i is a field of a class: no statement can follow it.
func (s *source) isMember(i int) bool {
	brace := s.tokens[i].within
	if brace < 0 || !s.is(brace, "{") {
		return brace >= 0
	}
	for at := brace - 1; at >= 0 && !s.is(at, ";", "{", "}", ")", "=>"); at-- {
		if s.is(at, "class") && !s.is(at-1, ".") {
			return true
		}
	}
	return false
}

// names says whether the file has the name as a word anywhere.
func (s *source) names(name string) bool {
	return slices.ContainsFunc(s.tokens, func(t token) bool {
		if t.kind == template {
			return strings.Contains(s.text[t.start:t.end], name)
		}
		return t.kind == word && s.text[t.start:t.end] == name
	})
}

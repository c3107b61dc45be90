package tspatch

// starts says whether a statement may begin at the token: after a semicolon or a block, or on a line of its own after what
// can end one.
func (s *source) starts(i int) bool {
	if i == 0 || s.is(i-1, ";") {
		return true
	}
	if s.is(i-1, "{") {
		return s.isBlock(i - 1)
	}
	if s.is(i-1, "}") && s.isBlock(s.tokens[i-1].pair) {
		return true
	}
	return s.tokens[i].fresh && s.endsOperand(i-1) && !s.continues(i) && !s.is(i-1, "else", "do", "try", "finally") && !s.closesHead(i-1)
}

// closesHead says whether the bracket at i closes the head of an if, while, for or with, whose body follows.
func (s *source) closesHead(i int) bool {
	return s.is(i, ")") && s.is(s.tokens[i].pair-1, "if", "while", "for", "with")
}

// continues says whether a token that begins a line goes on with the expression of the line before (ECMAScript, section 12.10).
func (s *source) continues(i int) bool {
	switch s.tokens[i].kind {
	case template:
		return true
	case word:
		return s.is(i, "in", "instanceof")
	case mark:
		return !s.is(i, "{", "}", "++", "--", "!", "~", "@")
	}
	return false
}

// end returns the token after the expression that begins at i: what closes the bracket around it, a comma, a semicolon, or
// what begins a statement on a line of its own.
func (s *source) end(i int) int {
	for at := i; at < len(s.tokens); at++ {
		switch {
		case s.is(at, "(", "[", "{"):
			at = s.tokens[at].pair
		case s.is(at, ")", "]", "}", ",", ";"):
			return at
		}
		if next := at + 1; next < len(s.tokens) && s.tokens[next].fresh && s.endsOperand(at) && !s.continues(next) && !s.is(at, "=", "=>") {
			return next
		}
	}
	return len(s.tokens)
}

// A declaration is a const, let or var statement.
type declaration struct {
	span
	name int // the token with which the declaration of what is initialized begins
}

// declaration returns the statement in which an initializer begins at i. There is none where the nearest statement is another.
func (s *source) declaration(i int) (declaration, bool) {
	first := i
	for first >= 0 && !s.is(first, "const", "let", "var") {
		switch {
		case s.is(first, ")", "]", "}") && s.tokens[first].pair >= 0:
			first = s.tokens[first].pair
		case s.is(first, ";", "(", "[", "{"):
			return declaration{}, false
		}
		first--
	}
	if first < 0 || s.tokens[first].within != s.tokens[i].within || s.is(first-1, ".") {
		return declaration{}, false
	}
	name, end := s.initializers(first+1, i)
	if name < 0 {
		return declaration{}, false
	}
	if s.is(end, ";") {
		end++
	}
	if s.is(first-1, "export") {
		first--
	}
	return declaration{span{first, end}, name}, true
}

// initializers reads a list of declarations that begins at i. It returns where the one begins whose initializer begins at
// wanted, -1 for none, and the token after the list.
func (s *source) initializers(i, wanted int) (name, end int) {
	name = -1
	for i < len(s.tokens) {
		declared := i
		i = s.declared(i)
		if s.is(i, "=") {
			if i+1 == wanted {
				name = declared
			}
			i = s.end(i + 1)
		}
		if !s.is(i, ",") {
			break
		}
		i++
	}
	return name, i
}

// declared returns the token after a name or a pattern and its type.
func (s *source) declared(i int) int {
	first := i
	for i < len(s.tokens) && !s.is(i, "=", ",", ";", ")", "]", "}") && (i == first || !s.starts(i)) {
		if s.is(i, "(", "[", "{") {
			i = s.tokens[i].pair
		}
		i++
	}
	return i
}

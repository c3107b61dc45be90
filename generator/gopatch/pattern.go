package gopatch

import (
	"iter"
	"slices"
	"strings"
)

// A pattern is what paths a route answers, in whatever way its router writes them. Trailing slashes do not count:
// many routers redirect from one form to the other.
type pattern struct {
	segments []string // wildcard stands for any one
	below    bool     // everything below, too
	open     bool     // the last segment is only what paths begin with
	partly   bool     // more of the path is not known
}

const wildcard = "*"

// A syntax is how a router writes the variable parts of paths.
type syntax int

const (
	braces    syntax = iota // {id}, {id:[0-9]+} and a last *: chi, gorilla
	standard                // {id}, {rest...}, {$}, and a trailing slash for everything below: net/http
	colons                  // :id and a last *rest: httprouter, gin, echo, fiber
	wholeTree               // braces, and everything that begins like this: PathPrefix of gorilla
)

func parsePattern(path string, s syntax) pattern {
	p := pattern{below: s == wholeTree || s == standard && strings.HasSuffix(path, "/")}
	for segment := range segments(path) {
		switch {
		case s == standard && segment == "{$}":
			p.below = false
		case takesRest(segment, s):
			p.below = true
			return p
		case s == colons && strings.ContainsAny(segment, ":*+"), s != colons && strings.Contains(segment, "{"):
			p.segments = append(p.segments, wildcard)
		default:
			p.segments = append(p.segments, segment)
		}
	}
	p.open = s == wholeTree && len(p.segments) > 0 && !strings.HasSuffix(path, "/")
	return p
}

// takesRest says whether a segment stands for everything from there on. An expression that may match a slash does.
func takesRest(segment string, s syntax) bool {
	switch s {
	case standard:
		return strings.HasSuffix(segment, "...}")
	case colons:
		return strings.ContainsAny(segment[:1], "*+") || strings.HasSuffix(segment, "?") // which may be left out
	}
	_, expression, ok := strings.Cut(strings.ReplaceAll(segment, `\.`, ""), ":")
	return strings.HasPrefix(segment, "*") || ok && strings.Contains(segment, "{") && strings.ContainsAny(expression, "./")
}

// segments yields what is between the slashes of a path, those in braces left out; none for an empty part.
func segments(path string) iter.Seq[string] {
	return func(yield func(string) bool) {
		depth, start := 0, 0
		for i := range len(path) + 1 {
			switch {
			case i < len(path) && path[i] == '{':
				depth++
			case i < len(path) && path[i] == '}':
				depth--
			case i == len(path) || path[i] == '/' && depth <= 0:
				if i > start && !yield(path[start:i]) {
					return
				}
				start = i + 1
			}
		}
	}
}

// joined returns the pattern of a route on a router that is mounted at p.
func (p pattern) joined(route pattern) pattern {
	if p.partly {
		return p
	}
	route.segments = slices.Concat(p.segments, route.segments)
	return route
}

// matches says whether the pattern answers a path.
func (p pattern) matches(path string) bool {
	parts := slices.Collect(segments(path))
	if len(parts) < len(p.segments) || len(parts) > len(p.segments) && !p.below {
		return false
	}
	for i := range p.segments {
		if !p.meets(parts[i], i) {
			return false
		}
	}
	return true
}

// meets says whether the segment at i may be that part of a path.
func (p pattern) meets(part string, i int) bool {
	segment := p.segments[i]
	return segment == wildcard || part == segment || p.open && i == len(p.segments)-1 && strings.HasPrefix(part, segment)
}

// names says whether the pattern is meant for the path: it spells it out.
func (p pattern) names(path string) bool {
	return !p.open && slices.Equal(p.segments, slices.Collect(segments(path)))
}

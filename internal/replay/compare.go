package replay

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// A Verdict is what the comparison of a request's answers came to.
type Verdict string

const (
	// Identical answers are equal in status, header but for Date, and body.
	Identical Verdict = "identical"
	// Varies means that the unpatched program does not answer the same each time, and that what stays the same is as it was.
	Varies Verdict = "varies"
	// Differs means that the patch has changed the answer.
	Differs Verdict = "differs"
	// Announced answers differ as the person was told: the route needs a token now.
	Announced Verdict = "announced"
)

// A Row is the comparison of one request.
type Row struct {
	Request
	Verdict Verdict `json:"verdict"`
	// Fields are those that vary or differ: "status", "body", "header Name".
	Fields []Field `json:"fields,omitempty"`
	// Without says that the patched program had no settings when it answered differently.
	Without bool `json:"without_settings,omitempty"`
}

// A Field is a part of an answer, as the unpatched program gave it and as the patched one did.
type Field struct {
	Name   string `json:"name"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// Answers are those of all passes: Before of the unpatched program, After of the patched one, and Bare of the patched one
// without its settings.
type Answers struct {
	Before      [][]Answer
	After, Bare []Answer
}

// From returns the answers to all requests but the first n.
func (a Answers) From(n int) Answers {
	rest := Answers{After: a.After[n:], Bare: a.Bare[n:]}
	for _, pass := range a.Before {
		rest.Before = append(rest.Before, pass[n:])
	}
	return rest
}

// Compare compares the answers to each request. protected says which requests are announced to need a token.
func Compare(requests []Request, a Answers, protected func(Request) bool) []Row {
	rows := make([]Row, len(requests))
	for i, r := range requests {
		before := make([]Answer, len(a.Before))
		for pass := range a.Before {
			before[pass] = a.Before[pass][i]
		}
		if protected(r) {
			rows[i] = announced(r, before[0], a.After[i], a.Bare[i])
			continue
		}
		rows[i] = row(r, before, a.After[i])
		if bare := row(r, before, a.Bare[i]); rows[i].Verdict != Differs && bare.Verdict == Differs {
			rows[i], rows[i].Without = bare, true
		}
	}
	return rows
}

// announced wants a route that needs a token now to be closed, with and without settings.
func announced(r Request, before, after, bare Answer) Row {
	result := Row{Request: r, Verdict: Announced, Fields: []Field{{"status", before.Outcome(), after.Outcome()}}}
	closed := func(a Answer, want int) bool { return a.Failure == "" && a.Status == want }
	switch {
	case !closed(after, http.StatusUnauthorized):
		result.Verdict = Differs
	case !closed(bare, http.StatusServiceUnavailable):
		result.Verdict, result.Without = Differs, true
		result.Fields[0].After = bare.Outcome()
	}
	return result
}

func row(r Request, before []Answer, after Answer) Row {
	patched := after.fields()
	originals := make([]map[string]string, len(before))
	for i, a := range before {
		originals[i] = a.fields()
	}
	if slices.ContainsFunc(originals, func(o map[string]string) bool { return maps.Equal(o, patched) }) {
		return Row{Request: r, Verdict: Identical}
	}
	var varying, differing []Field
	for _, name := range names(append(originals, patched)) {
		f := Field{name, originals[0][name], patched[name]}
		switch {
		case varies(originals, name) || follows(name) && varies(originals, "body") && f.Before != f.After:
			varying = append(varying, f)
		case f.Before != f.After:
			differing = append(differing, f)
		}
	}
	if len(differing) > 0 {
		return Row{Request: r, Verdict: Differs, Fields: differing}
	}
	return Row{Request: r, Verdict: Varies, Fields: varying}
}

// varies says whether the unpatched program answers differently each time.
func varies(originals []map[string]string, name string) bool {
	return slices.ContainsFunc(originals, func(o map[string]string) bool { return o[name] != originals[0][name] })
}

// follows says whether a field depends on the body, so that it is steady only as long as chance has it.
func follows(name string) bool { return name == "header Content-Length" || name == "header Etag" }

// names are those of all fields, sorted.
func names(answers []map[string]string) []string {
	all := make(map[string]bool)
	for _, fields := range answers {
		for name := range fields {
			all[name] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// fields are the parts of an answer that are compared.
func (a Answer) fields() map[string]string {
	fields := map[string]string{"status": a.Outcome(), "body": a.Body}
	for name, values := range a.Header {
		fields["header "+name] = shown(name, values)
	}
	return fields
}

// Outcome is the status, or why there is none.
func (a Answer) Outcome() string {
	if a.Failure != "" {
		return a.Failure
	}
	return strconv.Itoa(a.Status)
}

// shown is a header as a report may hold it: a cookie may let somebody in.
func shown(name string, values []string) string {
	text := strings.Join(values, ", ")
	if name == "Set-Cookie" {
		return digest(context.Background(), strings.NewReader(text))
	}
	return strconv.Quote(text)
}

// String is the row as a line, and one for each field.
func (r Row) String() string {
	text := fmt.Sprintf("%s %s", r.Method, r.Host+r.Path)
	if r.Position != "" {
		text += fmt.Sprintf(" (%s)", r.Position)
	}
	text += ": " + string(r.Verdict)
	if r.Without {
		text += ", without settings"
	}
	for i, f := range r.Fields {
		if r.Verdict == Varies { // by itself: which values it had says nothing
			text += []string{" by itself in ", ", "}[min(i, 1)] + f.Name
			continue
		}
		text += fmt.Sprintf("\n  %s: %s → %s", f.Name, orNone(f.Before), orNone(f.After))
	}
	return text
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

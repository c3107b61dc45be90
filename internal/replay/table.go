package replay

import (
	"fmt"
	"slices"
	"strings"
)

// A Table is the comparison of a program's routes before and after.
type Table struct {
	Rows []Row `json:"rows"`
	// Added are the paths that the patch answers, each with what GET answered before and after.
	Added []Field `json:"added"`
	// Unknown are the places of the source that answer what it does not tell, so that nobody could ask.
	Unknown []string `json:"unknown,omitempty"`
}

// Routes counts the paths of the program's routes by verdict: that of the worst of their methods.
func (t Table) Routes(v Verdict) int {
	return t.count(v, func(r Row) bool { return r.Route != "" })
}

func (t Table) count(v Verdict, counts func(Row) bool) int {
	order := []Verdict{Identical, Announced, Varies, Differs}
	worst := make(map[string]int)
	for _, r := range t.Rows {
		if counts(r) {
			worst[r.Host+r.Path] = max(worst[r.Host+r.Path], slices.Index(order, r.Verdict))
		}
	}
	n := 0
	for _, at := range worst {
		if order[at] == v {
			n++
		}
	}
	return n
}

// Of returns the rows of a verdict.
func (t Table) Of(v Verdict) []Row {
	return slices.DeleteFunc(slices.Clone(t.Rows), func(r Row) bool { return r.Verdict != v })
}

// Remarks are what is to be said of rows: that they differ, and of routes, that they need a token now or vary.
func (t Table) Remarks() []string {
	var remarks []string
	for _, r := range t.Of(Differs) {
		remarks = append(remarks, r.String())
	}
	for _, verdict := range []Verdict{Announced, Varies} {
		rows := slices.DeleteFunc(t.Of(verdict), func(r Row) bool { return r.Route == "" })
		for len(rows) > 0 {
			n := alike(rows)
			first := rows[0]
			for _, r := range rows[1:n] {
				first.Method += ", " + r.Method
			}
			remarks, rows = append(remarks, first.String()), rows[n:]
		}
	}
	return remarks
}

// Unasked says in a line what was not asked; it is empty where everything was.
func (t Table) Unasked() string {
	const most = 5
	shown, more := t.Unknown[:min(most, len(t.Unknown))], ""
	if n := len(t.Unknown) - len(shown); n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	if len(shown) == 0 {
		return ""
	}
	return "not asked, since the source does not tell which paths are answered: " + strings.Join(shown, ", ") + more
}

// alike is how many of the first rows say the same of one path.
func alike(rows []Row) int {
	for i, r := range rows {
		r.Method = rows[0].Method
		if r.String() != rows[0].String() {
			return i
		}
	}
	return len(rows)
}

// Summary is the table in one line.
func (t Table) Summary() string {
	stranger := func(r Row) bool { return r.Route == "" }
	counts := []string{fmt.Sprintf("%d routes identical", t.Routes(Identical))}
	for _, more := range []struct {
		n    int
		text string
	}{
		{t.Routes(Varies), "%d that vary by themselves"},
		{t.Routes(Announced), "%d that need a token now"},
		{t.Routes(Differs), "%d different"},
		{len(t.Added), "%d added"},
		{t.count(Identical, stranger), "%d other paths identical"},
		{t.count(Varies, stranger), "%d other paths that vary by themselves"},
		{t.count(Announced, stranger), "%d other paths that need a token now"},
		{t.count(Differs, stranger), "%d other paths different"},
	} {
		if more.n > 0 {
			counts = append(counts, fmt.Sprintf(more.text, more.n))
		}
	}
	return strings.Join(counts, ", ")
}

package report

import (
	"fmt"
	"strings"

	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/plan"
	"github.com/mcpauth/mcpauth/internal/replay"
)

// A Retrofit is what a pull request tells about a patch. It has no times and no directories: the same patch gives the same
// text, but for what was measured.
type Retrofit struct {
	Result           string // what became of the plan
	Version          string // of mcpauth
	TemplateVersion  int
	Module, Program  string
	Server, Why      string // which server was patched, and why that one
	Endpoint, Health string // the path of MCP, and whose /health it is
	Change           plan.Plan
	Commands         []Command
	Undo             string // the command line that takes the patch back
	// Routes and Contract are nil where the program was not run.
	Routes   *replay.Table
	Contract *contract.Report
}

// A Command is one that was run to prove the patch.
type Command struct {
	Line string
	Code int
}

// Markdown is the report in the form that pull requests have.
func (r Retrofit) Markdown() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# A protected MCP endpoint for %s\n\n", code(r.Program))
	for _, line := range [][2]string{
		{"Result", cell(r.Result)},
		{"Made by", fmt.Sprintf("mcpauth %s, template version %d", cell(r.Version), r.TemplateVersion)},
		{"Module", code(r.Module)},
		{"Server", code(r.Server) + ": " + cell(r.Why)},
		{"MCP", "at " + code(r.Endpoint) + "; " + cell(r.Health)},
		{"To take it back", code(r.Undo)},
	} {
		fmt.Fprintf(&b, "- %s: %s\n", line[0], line[1])
	}
	for _, note := range r.Change.Notes {
		fmt.Fprintf(&b, "- Note: %s\n", cell(note))
	}
	b.WriteString(r.files() + r.commands() + r.routes() + r.contract())
	return []byte(b.String())
}

func (r Retrofit) files() string {
	var b strings.Builder
	b.WriteString("\n## Files\n\n| file | change | before | after | what for |\n| --- | --- | --- | --- | --- |\n")
	for _, op := range r.Change.Ops {
		before := "—"
		if op.Prior != nil {
			before = code(short(*op.Prior))
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", code(op.Path), op.Action, before, code(short(plan.Sum(op.Content))), cell(op.Reason))
	}
	return b.String()
}

// short is the beginning of a digest, as git shows them.
func short(d plan.Digest) string { return d.String()[:len("sha256:")+12] }

func (r Retrofit) commands() string {
	var b strings.Builder
	b.WriteString("\n## Proof before anything was written\n\nSCRATCH is a temporary directory: the module was only read.\n\n| command | exit code |\n| --- | --- |\n")
	for _, c := range r.Commands {
		fmt.Fprintf(&b, "| %s | %d |\n", code(c.Line), c.Code)
	}
	return b.String()
}

func (r Retrofit) routes() string {
	if r.Routes == nil {
		return "\n## Routes and contract\n\nThe program was not run: mcpauth retrofit --verify does that.\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n## Routes before and after\n\n%s. Compared are status, headers but for Date, and body, without settings and with them.\n", cell(r.Routes.Summary()))
	b.WriteString("\n| request | route | before and after |\n| --- | --- | --- |\n")
	for _, row := range r.Routes.Rows {
		if row.Route != "" || row.Verdict != replay.Identical {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", code(row.Method+" "+row.Host+row.Path), routed(row), outcome(row))
		}
	}
	for _, f := range r.Routes.Added {
		fmt.Fprintf(&b, "| %s | added | %s → %s |\n", code("GET "+f.Name), cell(f.Before), cell(f.After))
	}
	if unasked := r.Routes.Unasked(); unasked != "" {
		fmt.Fprintf(&b, "\nSome are %s.\n", cell(unasked))
	}
	for _, row := range r.Routes.Rows {
		if row.Verdict == replay.Differs {
			b.WriteString("\n" + block(row.String()))
		}
	}
	return b.String()
}

// outcome is the verdict, and where it is harmless what it is about.
func outcome(row replay.Row) string {
	var names []string
	for _, f := range row.Fields {
		names = append(names, f.Name)
	}
	switch row.Verdict {
	case replay.Varies:
		return "varies by itself in " + cell(strings.Join(names, ", "))
	case replay.Announced:
		return cell(row.Fields[0].Before + " → " + row.Fields[0].After + ", as announced")
	}
	return string(row.Verdict)
}

func routed(row replay.Row) string {
	if row.Route == "" {
		return "none"
	}
	return code(row.Route) + " " + cell(row.Position)
}

func (r Retrofit) contract() string {
	if r.Contract == nil || len(r.Contract.Results) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n## Contract\n\n%d passed, %d failed, %d skipped.\n", r.Contract.Count(contract.Pass), r.Contract.Count(contract.Fail), r.Contract.Count(contract.Skip))
	b.WriteString("\n| requirement | result | |\n| --- | --- | --- |\n")
	for _, result := range r.Contract.Results {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", result.ID, result.Status, cell(result.Title))
	}
	for _, result := range r.Contract.Results {
		if result.Status != contract.Pass {
			b.WriteString("\n" + block(result.Text()))
		}
	}
	return b.String()
}

// cell is text in a table or a list, of which nothing is markup (CommonMark 0.31 section 2.4).
func cell(text string) string {
	var b strings.Builder
	for _, c := range line(text) {
		if strings.ContainsRune("\\`*_{}[]<>#|~&", c) {
			b.WriteByte('\\')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// code is text as a code span (section 6.1). In a table a bar would end the cell.
func code(text string) string {
	fence := strings.Repeat("`", longest(text)+1)
	text = strings.ReplaceAll(line(text), "|", "\\|")
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		text = " " + text + " "
	}
	return fence + text + fence
}

// block is a fenced code block (section 4.5).
func block(text string) string {
	fence := strings.Repeat("`", max(3, longest(text)+1))
	return fence + "text\n" + strings.TrimRight(text, "\n") + "\n" + fence + "\n"
}

// longest is the length of the longest run of backticks.
func longest(text string) int {
	most, run := 0, 0
	for _, c := range text {
		if run++; c != '`' {
			run = 0
		}
		most = max(most, run)
	}
	return most
}

func line(text string) string { return strings.Join(strings.Fields(text), " ") }

package gopatch

import "strings"

// Codes of refusals. They are stable: scripts rely on them.
const (
	CodeNone      = "RF-NONE"      // nothing is served
	CodeMulti     = "RF-MULTI"     // several servers, none chosen
	CodeDecoy     = "RF-DECOY"     // only a metrics, pprof or redirect server
	CodeFramework = "RF-FRAMEWORK" // a framework serves by itself
	CodeShape     = "RF-SHAPE"     // the handler is set in a way that no one-line change fits
	CodeGenerated = "RF-GENERATED" // the site is in a generated file
	CodeCgo       = "RF-CGO"       // the site is in a file that cgo rewrites
	CodeRoute     = "RF-ROUTE"     // a path that the endpoint needs is taken
	CodeMCP       = "RF-MCP"       // the program serves MCP already
	CodeBuild     = "RF-BUILD"     // the code does not build as it is
	CodeUpgrade   = "RF-UPGRADE"   // a go line or a direct dependency would move
	CodeVendor    = "RF-VENDOR"    // dependencies are vendored
)

// A Refusal says why a program is not patched. Nothing was written.
type Refusal struct {
	Code     string
	Position string // file:line, relative to the module; empty where no line is to blame
	Reason   string
	ByHand   []string // what to write instead, or where; may be empty
}

func (r *Refusal) Error() string {
	var b strings.Builder
	b.WriteString(r.Code + ": ")
	if r.Position != "" {
		b.WriteString(r.Position + ": ")
	}
	b.WriteString(r.Reason)
	for _, line := range r.ByHand {
		b.WriteString("\n    " + line)
	}
	return b.String()
}

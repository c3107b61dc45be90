package cmd

import (
	"encoding/json"
	"errors"

	"github.com/mcpauth/mcpauth/internal/config"
	"github.com/mcpauth/mcpauth/internal/plan"
	"github.com/mcpauth/mcpauth/internal/refusal"
)

func (p *program) printJSON(document any) error {
	enc := json.NewEncoder(p.streams.Out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(document)
}

// An errorDocument is what --json prints for a run that did not succeed.
type errorDocument struct {
	Schema    string           `json:"schema"`
	ExitCode  int              `json:"exit_code"`
	Error     string           `json:"error"`
	Hint      string           `json:"hint,omitempty"`
	Problems  []config.Problem `json:"problems,omitempty"`
	Conflicts []string         `json:"conflicts,omitempty"`
	Refusal   string           `json:"refusal,omitempty"`  // code, RF-…
	Position  string           `json:"position,omitempty"` // file:line of what was refused
	Reason    string           `json:"reason,omitempty"`   // of the refusal
	Frame     []string         `json:"frame,omitempty"`    // the source around the position
	ByHand    []string         `json:"by_hand,omitempty"`  // what to write instead, or what to choose from
	Remedy    string           `json:"remedy,omitempty"`   // for every refusal with this code
}

func newErrorDocument(err error) errorDocument {
	doc := errorDocument{Schema: "mcpauth.error/v1", ExitCode: exitCode(err), Error: describe(err)}
	if h, ok := errors.AsType[hinted](err); ok {
		doc.Hint = h.hint
	}
	if e, ok := errors.AsType[problemsError](err); ok {
		doc.Problems = e.problems
	}
	if e, ok := errors.AsType[conflictError](err); ok {
		doc.Conflicts = e.files
	}
	if e, ok := errors.AsType[*refusal.Refusal](err); ok {
		doc.Refusal, doc.Position, doc.Reason, doc.ByHand, doc.Remedy = e.Code, e.Position, e.Reason, e.ByHand, refusal.Remedy(e.Code)
	}
	if e, ok := errors.AsType[framed](err); ok {
		doc.Frame = e.lines
	}
	return doc
}

// An initDocument is what init --json prints when it succeeds.
type initDocument struct {
	Schema string        `json:"schema"`
	Result string        `json:"result"` // created or unchanged
	Plan   plan.Document `json:"plan"`
	Verify verification  `json:"verify,omitzero"`
}

func newInitDocument(t target, change plan.Plan, result string, v verification) initDocument {
	return initDocument{Schema: "mcpauth.init/v1", Result: result, Plan: plan.NewDocument(t.dir, change), Verify: v}
}

// Package contract checks on a running server that it keeps the contract of a protected MCP server,
// requirements C1 to C20, and that a client finds the way to its token, D1 to D7.
//
// The checks are data: see [Checks] and [Discovery]. They speak plain HTTP to the server, take the tokens they need from
// an [Issuer] that the server trusts, and watch its process through [Process]. Nothing here prints, and
// nothing here needs more than the interfaces in target.go: what cannot be checked on a given target is
// reported as skipped, with the reason, and never as passed.
package contract

import (
	"context"
	"time"
)

// Check is one requirement of the contract and how it is checked.
type Check struct {
	// ID is the stable number: C1 to C20 for the contract, D1 to D7 for the way of a client to its token.
	ID string
	// Title says in a few words what is required.
	Title string
	// Ref is where the requirement comes from: an RFC or a section of the MCP specification.
	Ref string
	// Why says what goes wrong for users when the requirement is not kept.
	Why string
	// Fix says what to change when a failure does not know better.
	Fix string
	// Run checks the requirement and records what it finds. A check that records nothing has passed.
	Run func(context.Context, *Probe)
	// Disturbs marks a check that makes the keys unavailable or keeps the server busy. It runs beside the
	// others on copies of the server where the target can start them.
	Disturbs bool
	// Discovers marks a check of [Discovery]. It runs before those of the contract, which may need its token.
	Discovers bool
}

// Status is the outcome of a check.
type Status string

// The outcomes. A check that could only do a part of its work is skipped unless that part failed.
const (
	Pass Status = "pass"
	Fail Status = "fail"
	Skip Status = "skip"
)

// Result is the outcome of one check.
type Result struct {
	ID       string    `json:"id"`
	Title    string    `json:"title"`
	Ref      string    `json:"ref"`
	Status   Status    `json:"status"`
	Failures []Failure `json:"failures,omitempty"`
	// Skipped lists what was not checked, each with its reason.
	Skipped []string      `json:"skipped,omitempty"`
	Took    time.Duration `json:"took_ns"`
}

// Failure is one observation that contradicts the contract.
type Failure struct {
	// Request is a curl command line that repeats the request, with $TOKEN in the place of tokens.
	Request  string `json:"request"`
	Expected string `json:"expected"`
	Got      string `json:"got"`
	Why      string `json:"why"`
	Fix      string `json:"fix"`
}

// Report is the outcome of a walk through the whole contract, in order of the requirements.
type Report struct {
	URL     string   `json:"url"`
	Results []Result `json:"results"`
	// Requests is how many requests were sent.
	Requests int `json:"requests"`
	// Unreachable says why the server could not be reached, in which case every check has failed.
	Unreachable string `json:"unreachable,omitempty"`
}

// Count returns how many checks ended with this status.
func (r Report) Count(status Status) int {
	n := 0
	for _, result := range r.Results {
		if result.Status == status {
			n++
		}
	}
	return n
}

// Kept reports whether nothing failed. Skipped checks do not make it false, but they have not passed
// either: a caller that demands proof of the whole contract compares Count(Pass) with len(Results).
func (r Report) Kept() bool { return len(r.Results) > 0 && r.Count(Fail) == 0 }

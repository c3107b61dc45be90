// Package report writes the outcome of a walk through the contract for those who read it: a person at a
// terminal, and the systems that run it.
package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/mcpauth/mcpauth/internal/contract"
)

// Escape sequences of the colours, ECMA-48 section 8.3.117.
const (
	green, red, yellow = "\x1b[32m", "\x1b[31m", "\x1b[33m"
	plain              = "\x1b[0m"
)

// Row is the line of one result in the table that a person sees grow.
func Row(r contract.Result, color bool) string {
	status := fmt.Sprintf("%-4s", r.Status)
	if color {
		status = map[contract.Status]string{contract.Pass: green, contract.Fail: red, contract.Skip: yellow}[r.Status] + status + plain
	}
	return fmt.Sprintf("%-4s %s  %6s  %s\n", r.ID, status, took(r.Took), r.Title)
}

// took is a duration in six columns.
func took(d time.Duration) string {
	const short = 10 * time.Second
	if d < short {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%d s", int(d.Seconds()))
}

// Remarks is what follows the table: what failed, and then what was not checked.
func Remarks(r contract.Report) string {
	var b strings.Builder
	for _, status := range []contract.Status{contract.Fail, contract.Skip} {
		for _, result := range r.Results {
			if result.Status == status {
				b.WriteString("\n" + result.Text())
			}
		}
	}
	return b.String()
}

//go:build !windows

package prompt

import "time"

// WaitForReport gives p's terminal time to answer its first cursor query, however busy the machine.
func WaitForReport(p Prompter, wait time.Duration) { p.(*dialogue).console.probe = wait }

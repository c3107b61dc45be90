package prompt

import (
	"fmt"
	"strconv"
	"strings"
)

// lineAsker asks in plain lines: nothing is redrawn, no colour, no cursor movement.
type lineAsker struct{ console *console }

func (a lineAsker) text(q Question) (string, error) {
	for {
		fmt.Fprintf(a.console.out, "%s%s: ", q.Label, defaultHint(q))
		answer, err := a.console.readLine(q.Kind != Secret)
		if err != nil {
			return "", err
		}
		answer = q.complete(answer)
		err = q.check(answer)
		if err == nil {
			return answer, nil
		}
		fmt.Fprintf(a.console.out, "Not accepted: %v\n", err)
	}
}

func (a lineAsker) confirm(label string, def bool) (bool, error) {
	hint := "y/N"
	if def {
		hint = "Y/n"
	}
	for {
		fmt.Fprintf(a.console.out, "%s [%s]: ", label, hint)
		answer, err := a.console.readLine(true)
		if err != nil {
			return false, err
		}
		switch strings.ToLower(strings.TrimSpace(answer)) {
		case "":
			return def, nil
		case "y", "yes":
			return true, nil
		case "n", "no":
			return false, nil
		}
		fmt.Fprintln(a.console.out, "Not accepted: answer y or n")
	}
}

func (a lineAsker) choose(label string, options []string) (int, error) {
	width := len(strconv.Itoa(len(options)))
	for i, option := range options {
		fmt.Fprintf(a.console.out, "  %*d  %s\n", width, i+1, option)
	}
	for {
		fmt.Fprintf(a.console.out, "%s [1-%d]: ", label, len(options))
		answer, err := a.console.readLine(true)
		if err != nil {
			return 0, err
		}
		n, err := strconv.Atoi(strings.TrimSpace(answer))
		if err == nil && n >= 1 && n <= len(options) {
			return n - 1, nil
		}
		fmt.Fprintf(a.console.out, "Not accepted: answer with a number from 1 to %d\n", len(options))
	}
}

// complete returns the answer that line stands for.
func (q Question) complete(line string) string {
	if q.Kind == Text {
		line = strings.TrimSpace(line)
	}
	if line == "" {
		return q.Default
	}
	return line
}

// defaultHint says what Enter alone gives.
func defaultHint(q Question) string {
	switch {
	case q.Default == "":
		return ""
	case q.Kind == Secret:
		return " [Enter keeps the present one]"
	default:
		return " [" + q.Default + "]"
	}
}

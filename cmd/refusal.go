package cmd

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"

	"github.com/mcpauth/mcpauth/internal/refusal"
	"github.com/spf13/cobra"
)

// A framed error carries the lines of source that a refusal is about.
type framed struct {
	error
	lines []string
}

func (e framed) Unwrap() error { return e.error }

// withFrame adds to a refusal the source around its position in the module at root. Any other error it returns as it is.
func withFrame(root string, err error) error {
	r, ok := errors.AsType[*refusal.Refusal](err)
	if !ok {
		return err
	}
	return framed{err, frame(root, r.Position)}
}

// marker begins the line of a frame that is meant.
const marker = "> "

// frame returns the line at a position, file:line, and its neighbours as a person sees them; none where there is no such line.
func frame(root, position string) []string {
	at := strings.LastIndex(position, ":")
	if at < 0 {
		return nil
	}
	line, err := strconv.Atoi(position[at+1:])
	if err != nil || !filepath.IsLocal(filepath.FromSlash(position[:at])) {
		return nil
	}
	f, err := os.Open(filepath.Join(root, filepath.FromSlash(position[:at])))
	if err != nil {
		return nil
	}
	defer f.Close()
	var lines []string
	found := false
	scanner := bufio.NewScanner(f)
	for n := 1; n <= line+1 && scanner.Scan(); n++ {
		if n < line-1 {
			continue
		}
		mark := "  "
		if n == line {
			mark, found = marker, true
		}
		text := strings.TrimRight(strings.ReplaceAll(scanner.Text(), "\t", "    "), " \r")
		lines = append(lines, strings.TrimRight(fmt.Sprintf("%s%*d | %s", mark, len(strconv.Itoa(line+1)), n, text), " "))
	}
	if !found {
		return nil
	}
	return lines
}

// sayRefusal shows, after the message of err, what a refusal is about and what can be done by hand.
func (p *program) sayRefusal(err error) {
	r, ok := errors.AsType[*refusal.Refusal](err)
	if !ok {
		return
	}
	f, _ := errors.AsType[framed](err)
	for _, line := range f.lines {
		line = printable(line)
		if p.streams.ColorErr() && strings.HasPrefix(line, marker) {
			line = bold + line + plain
		}
		fmt.Fprintln(p.streams.Err, "    "+line)
	}
	if len(f.lines) > 0 && len(r.ByHand) > 0 {
		fmt.Fprintln(p.streams.Err)
	}
	for _, line := range r.ByHand {
		fmt.Fprintln(p.streams.Err, "    "+printable(line))
	}
}

// Escape sequences, ECMA-48 section 8.3.117.
const bold, plain = "\x1b[1m", "\x1b[0m"

// printable replaces what could steer the terminal: the text is of files that nobody may have looked at.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s)
}

// refusalsTopic is help without a command: mcpauth help refusals.
func refusalsTopic() *cobra.Command {
	var b strings.Builder
	b.WriteString("What mcpauth retrofit and mcpauth apply refuse, with exit code 3; nothing is written then.\n")
	for _, k := range refusal.Kinds() {
		fmt.Fprintf(&b, "\n%s\n  %s.\n  %s.\n", k.Code, k.Meaning, k.Remedy)
	}
	return &cobra.Command{Use: "refusals", Short: "What retrofit refuses, and what to do then", Long: strings.TrimSuffix(b.String(), "\n")}
}

package prompt

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// json asks for a JSON answer until it passes. It never uses survey, whose input keeps the first line of a paste only.
func (d *dialogue) json(q Question) (string, error) {
	for {
		d.jsonPrompt(q)
		answer, err := d.jsonAnswer(q)
		if errors.Is(err, ErrInterrupted) || errors.Is(err, io.EOF) {
			return "", err
		}
		if err == nil {
			err = q.check(answer)
		}
		if err == nil {
			return answer, nil
		}
		fmt.Fprintf(d.console.out, "Not accepted: %v\n", err)
	}
}

func (d *dialogue) jsonPrompt(q Question) {
	label := q.Label
	if d.color {
		label = "\x1b[1m" + label + "\x1b[0m"
	}
	fmt.Fprintf(d.console.out, "%s: paste the JSON, or give a file's path, or - to type it up to a line with only . or Ctrl-D\n%s> ", label, keepHint(q.Default))
}

func keepHint(def string) string {
	const shown = 60
	if def == "" {
		return ""
	}
	def = strings.Join(strings.Fields(def), " ")
	if runes := []rune(def); len(runes) > shown {
		def = string(runes[:shown]) + "..."
	}
	return "Enter alone takes: " + def + "\n"
}

// jsonAnswer returns the JSON that the next line stands for, or begins.
func (d *dialogue) jsonAnswer(q Question) (string, error) {
	first, err := d.console.readLine(true)
	if errors.Is(err, errTooLong) {
		return "", errors.Join(err, d.console.discard())
	}
	if err != nil {
		return "", err
	}
	switch first := strings.TrimSpace(first); {
	case first == "":
		return q.Default, nil
	case first == "-":
		text, err := d.block("", func(string) bool { return false })
		return text, errors.Join(err, wellFormed(text))
	case strings.HasPrefix(first, "{"):
		return d.pasted(first)
	}
	text, err := readJSONFile(first, d.getenv)
	return text, errors.Join(err, wellFormed(text))
}

// pasted reads from first up to the brace that closes it. What a broken paste leaves behind is thrown
// away, or it would answer the next question.
func (d *dialogue) pasted(first string) (text string, err error) {
	var braces braceCounter
	text = first
	if !braces.add(first) {
		text, err = d.block(first+"\n", braces.add)
	}
	if err == nil {
		err = wellFormed(text)
	}
	if err != nil {
		return "", errors.Join(err, d.console.discard())
	}
	return text, nil
}

// block reads lines up to the one that closed accepts, a line with only ".", or Ctrl-D, and returns
// them behind text.
func (d *dialogue) block(text string, closed func(line string) bool) (string, error) {
	for len(text) <= maxAnswer {
		line, err := d.console.readLine(true)
		end := errors.Is(err, io.EOF)
		if err != nil && !end {
			return "", err
		}
		if !end && strings.TrimSpace(line) == "." {
			return strings.TrimSpace(text), nil
		}
		text += line + "\n"
		if end || closed(line) {
			return strings.TrimSpace(text), nil
		}
		if line == "" {
			fmt.Fprintln(d.console.out, "The JSON goes on; a line with only . ends it.")
		}
	}
	return "", errTooLong
}

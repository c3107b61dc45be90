package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	logSubject = "usr_73000000000000001"
	logMarker  = "contract-body-marker"
	logDelay   = 2 * time.Second
)

func checkLog(ctx context.Context, p *Probe) {
	if p.Process == nil {
		p.skip("the log: %s", needsStart)
		return
	}
	if _, ok := p.forger("the log"); !ok {
		return
	}
	token, ok := p.mint("the log", map[string]any{"sub": logSubject})
	if !ok {
		return
	}
	before := len(p.Process.Log())
	accepted := p.marked(ctx, token)
	p.expect(accepted.is(200), accepted, "200")
	refused := p.marked(ctx, "not-a-token."+token)
	p.expect(refused.is(401), refused, "401")
	var lines []string
	complete := poll(ctx, logDelay, func() bool {
		lines = logLines(tail(p.Process.Log(), before))
		return namesOutcome(lines, logSubject, "200") && namesOutcome(lines, "", "401")
	})
	if !complete {
		p.expect(namesOutcome(lines, logSubject, "200"), accepted, "a log line with the subject %s and the outcome", logSubject)
		p.expect(namesOutcome(lines, "", "401"), refused, "a log line with the outcome of a refused request")
	}
	p.checkLines(logLines(p.Process.Log()))
}

// tail is what was added to a log since it had so many bytes; all of it when the log was cut since.
func tail(log []byte, from int) []byte {
	if from > len(log) {
		return log
	}
	return log[from:]
}

// marked is a request whose body is recognizable.
func (p *Probe) marked(ctx context.Context, token string) exchange {
	r := p.initialize()
	r.body = bytes.Replace(r.body, []byte(`"mcpauth"`), []byte(`"`+logMarker+`"`), 1)
	return p.send(ctx, r.bearer(token))
}

func logLines(log []byte) []string {
	var lines []string
	for line := range strings.Lines(string(log)) {
		if text := strings.TrimSpace(line); text != "" {
			lines = append(lines, text)
		}
	}
	return lines
}

// namesOutcome reports whether a line is about subject, if one is given, and tells how a request ended:
// as a status, or as a word that an outcome starts with.
func namesOutcome(lines []string, subject, status string) bool {
	words := map[string][]string{
		"200": {"accept", "allow", "grant", "ok", "succe"},
		"401": {"refus", "den", "reject", "unauth", "invalid", "fail"},
	}[status]
	for _, line := range lines {
		var object map[string]any
		if json.Unmarshal([]byte(line), &object) != nil || !strings.Contains(line, subject) {
			continue
		}
		for _, text := range leaves(object) {
			begins := func(word string) bool { return strings.HasPrefix(text, word) }
			if text == status || slices.ContainsFunc(words, begins) {
				return true
			}
		}
	}
	return false
}

// leaves are the values in a JSON value that are no objects or arrays, as text in lower case.
func leaves(value any) []string {
	var all []string
	switch v := value.(type) {
	case []any:
		for _, element := range v {
			all = append(all, leaves(element)...)
		}
	case map[string]any:
		for _, element := range v {
			all = append(all, leaves(element)...)
		}
	default:
		all = append(all, strings.ToLower(fmt.Sprint(v)))
	}
	return all
}

// checkLines looks at every line for what must not be there.
func (p *Probe) checkLines(lines []string) {
	log := strings.Join(lines, "\n")
	for _, line := range lines {
		if p.target.Embedded {
			break // the program's own lines are among them
		}
		var object map[string]any
		if json.Unmarshal([]byte(line), &object) != nil {
			p.observe("", "every line of the log is a JSON object", shorten(line))
			break
		}
	}
	for _, secret := range p.Secrets {
		if secret != "" && strings.Contains(log, secret) {
			p.observe("", "no secret in the log", "a configured secret is in the log")
		}
	}
	if strings.Contains(log, logMarker) {
		p.observe("", "no request body in the log", "a part of a body is in the log: "+logMarker)
	}
	if token := p.loggedToken(log); token != "" {
		p.observe("", "no token in the log", "a part of a token is in the log: "+shorten(token)[:minLeak]+"…")
	}
}

// loggedToken returns a segment of a token that was sent and is in the log. The first segment is left
// out: it holds no secret and is the same in many tokens.
func (p *Probe) loggedToken(log string) string {
	p.budget.mu.Lock()
	defer p.budget.mu.Unlock()
	looked := make(map[string]bool) // thousands of tokens differ in their key ids alone
	for token := range p.budget.tokens {
		_, rest, _ := strings.Cut(token, ".")
		for segment := range strings.SplitSeq(rest, ".") {
			if len(segment) < 4*minLeak || looked[segment] {
				continue
			}
			if looked[segment] = true; strings.Contains(log, segment) {
				return segment
			}
		}
	}
	return ""
}

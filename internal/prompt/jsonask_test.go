//go:build !windows

package prompt_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/prompt"
)

const pretty = `{
  "authorization_servers": [
    "https://x.scalekit.com/resources/res_1"
  ],
  "note": "a } in \" a string {",
  "resource": "http://localhost:3002/"
}`

// minified returns a JSON object of at least size bytes in one line.
func minified(size int) string {
	var scopes []string
	for i := 0; len(scopes)*10 < size; i++ {
		scopes = append(scopes, fmt.Sprintf("sc%05d", i))
	}
	text, err := json.Marshal(map[string]any{"scopes_supported": scopes})
	if err != nil {
		panic(err)
	}
	return string(text)
}

func keys(text string) string { return strings.ReplaceAll(text, "\n", "\r") }

func TestJSONAnswers(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "m.json", "\ufeff"+pretty+"\n")
	for _, tc := range []struct{ name, typed, want string }{
		{"pretty", keys(pretty) + "\r", pretty},
		{"minified 20 KiB", minified(20<<10) + "\r", minified(20 << 10)},
		{"pretty 20 KiB", keys(indented(20<<10)) + "\r", indented(20 << 10)},
		{"in paste marks", "\x1b[200~" + keys(pretty) + "\x1b[201~\r", pretty},
		{"windows line ends", strings.ReplaceAll(pretty, "\n", "\r\n") + "\r", pretty},
		{"space around", " \t" + keys(pretty) + "  \r", pretty},
		{"path", filepath.Join(dir, "m.json") + "\r", pretty},
		{"path as in a flag", "@" + filepath.Join(dir, "m.json") + "\r", pretty},
		{"home", "~/m.json\r", pretty},
		{"dash, dot", "-\r" + keys(pretty) + "\r.\r", pretty},
		{"dash, Ctrl-D", "-\r" + keys(pretty) + "\r\x04", pretty},
		{"dash, Ctrl-D in the line", "-\r" + keys(pretty) + "\x04", pretty},
		{"late report", "{" + report + "}\r", "{}"},
		{"corrected", "{]\x7f}\r", "{}"},
		{"line taken back", "oops\x15{}\r", "{}"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			k := open(t, answersCPR, "HOME="+dir)
			a := k.ask(metadata())
			k.Expect("> ", patience)
			go k.Send(tc.typed)
			a.want(tc.want)
			k.wantStyle(false)
		})
	}
}

func indented(size int) string {
	var value any
	if err := json.Unmarshal([]byte(minified(size)), &value); err != nil {
		panic(err)
	}
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		panic(err)
	}
	return string(text)
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestJSONRefused(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "bad.json", "{\n\"a\": 1,\n}")
	write(t, dir, "big.json", `{"a":"`+strings.Repeat("x", 64<<10)+`"}`)
	for _, tc := range []struct{ name, typed, want string }{
		{"trailing comma", "{\r\"a\": 1,\r}\r", "this is not JSON: line 3"},
		{"unclosed, dot", "{\"a\": 1\r\r.\r", "this is not JSON"},
		{"unclosed, Ctrl-D", "{\"a\": 1\r\x04", "this is not JSON"},
		{"typed", "-\rno\r.\r", "this is not JSON: line 1"},
		{"no file", "nothing/here.json\r", "no such file"},
		{"bad file", "~/bad.json\r", "this is not JSON: line 3"},
		{"big file", "~/big.json\r", "longer than 64 KiB"},
		{"directory", "~/\r", "not a regular file"},
		{"device", "/dev/zero\r", "not a regular file"},
		{"array", "[{}]\r", "neither JSON"},
		{"big paste", `{"a":"` + strings.Repeat("x", 70<<10) + "\"}\r", "longer than 64 KiB"},
		{"big pretty paste", keys(indented(80<<10)) + "\r", "longer than 64 KiB"},
		{"check", `{"resource":"x"}` + "\r", "resource is no URL"},
		{"nothing", "\r", "the metadata is missing"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			k := open(t, neverCPR, "HOME="+dir, "TERM=dumb")
			q := metadata()
			q.Check = checkMetadata
			a := k.ask(q)
			k.Expect("> ", patience)
			go k.Send(tc.typed)
			k.Expect("Not accepted: ", patience)
			k.Expect(tc.want, patience)
			k.Expect("> ", patience)
			k.Send("{}\r")
			a.want("{}")
			if n := strings.Count(k.Transcript(), "Not accepted"); n != 1 {
				t.Errorf("%d answers were refused:\n%q", n, k.Transcript())
			}
		})
	}
}

func checkMetadata(text string) error {
	switch {
	case text == "":
		return errors.New("the metadata is missing")
	case strings.Contains(text, `"resource":"x"`):
		return errors.New("resource is no URL")
	}
	return nil
}

func TestJSONDefault(t *testing.T) {
	t.Parallel()
	k := open(t, neverCPR, "TERM=dumb")
	q := metadata()
	q.Help = "MCP servers, your server, metadata JSON."
	q.Default = pretty
	a := k.ask(q)
	k.Expect(q.Help, patience)
	k.Expect(`Enter alone takes: { "authorization_servers": [`, patience)
	k.Expect("...\r\n> ", patience)
	k.Send("\r")
	a.want(pretty)
}

// What a broken paste leaves behind answers no other question.
func TestRestOfABrokenPaste(t *testing.T) {
	t.Parallel()
	k := open(t, neverCPR, "TERM=dumb")
	a := k.ask(metadata())
	k.Expect("> ", patience)
	k.Send("{\"a\": }\r/etc/passwd\r8080\ry\r")
	k.Expect("Not accepted", patience)
	k.Expect("> ", patience)
	k.Send("{}\r")
	a.want("{}")
	c := k.confirm("Write it?", false)
	k.Expect("Write it?", patience)
	k.Send("\r")
	c.want(false)
}

func TestUnclosedJSONSaysHowToGoOn(t *testing.T) {
	t.Parallel()
	k := open(t, neverCPR, "TERM=dumb")
	a := k.ask(prompt.Question{Key: "metadata", Label: "Metadata", Kind: prompt.JSON})
	k.Expect("> ", patience)
	k.Send("{\"a\": \"\r\r")
	k.Expect("a line with only . ends it", patience)
	k.Send("\x03")
	a.wantInterrupted()
}

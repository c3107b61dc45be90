package generator_test

import (
	"bytes"
	"testing"

	"github.com/mcpauth/mcpauth/generator"
	"github.com/mcpauth/mcpauth/internal/config"
)

// TestPythonStrings wants names as string literals with the quotes that ruff chooses, so that no name makes another
// format or another program of the template.
func TestPythonStrings(t *testing.T) {
	for name, want := range map[string]string{
		`my server`:            `"my server"`,
		`Ada's "own"`:          `'Ada\'s "own"'`,
		`"own"`:                `'"own"'`,
		`Ada's`:                `"Ada's"`,
		`'"`:                   `"'\""`,
		`a\`:                   `"a\\"`,
		`\" + exit() + \"`:     `'\\" + exit() + \\"'`,
		`{name} %s ${x} # 🚀 ü`: `"{name} %s ${x} # 🚀 ü"`,
	} {
		answers := config.Answers{config.KeyName: {Value: name}}
		config.Dev(answers)
		c, problems := config.New(answers)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		for _, stack := range []string{"fastapi", "fastmcp"} {
			p, err := generator.Create(stack, c)
			if err != nil {
				t.Fatal(err)
			}
			if source := files(p)["main.py"]; !bytes.Contains(source, []byte("\nNAME = "+want+"\n")) {
				t.Errorf("%s: main.py lacks NAME = %s", stack, want)
			}
		}
	}
}

package generator_test

import (
	"slices"
	"testing"

	"github.com/mcpauth/mcpauth/generator"
	"github.com/mcpauth/mcpauth/internal/config"
	"github.com/mcpauth/mcpauth/templates"
	"golang.org/x/mod/modfile"
)

func dev(t testing.TB) config.Config {
	t.Helper()
	answers := config.Answers{}
	config.Dev(answers)
	config.Name(answers, "my-server")
	c, problems := config.New(answers)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return c
}

// TestDependenciesAreReserved compares the module paths that are refused with those that go.mod requires.
func TestDependenciesAreReserved(t *testing.T) {
	p, err := generator.Create("go", dev(t))
	if err != nil {
		t.Fatal(err)
	}
	mod, err := modfile.Parse("go.mod", files(p)["go.mod"], nil)
	if err != nil {
		t.Fatal(err)
	}
	var required []string
	for _, r := range mod.Require {
		required = append(required, r.Mod.Path)
	}
	slices.Sort(required)
	if !slices.Equal(required, config.Dependencies()) {
		t.Errorf("go.mod requires %q, reserved are %q", required, config.Dependencies())
	}
}

func TestCreateRefusesUnknownStacks(t *testing.T) {
	if _, err := generator.Create("cobol", dev(t)); err == nil {
		t.Error("rendered")
	}
}

// TestCreateRefusesWhatAStackLacks wants no project that would not be what its answers say.
func TestCreateRefusesWhatAStackLacks(t *testing.T) {
	for _, name := range templates.Names() {
		stack, err := templates.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, change := range []func(*config.Config){
			func(c *config.Config) { c.Verifier = "sdk" },
			func(c *config.Config) { c.Protect = "all" },
		} {
			c := dev(t)
			change(&c)
			lacks := slices.ContainsFunc(c.Traits(), func(answer string) bool { return stack.Lacking(answer) != "" })
			has := slices.ContainsFunc(stack.Variants, func(v templates.Variant) bool { return slices.Contains(c.Traits(), v.For) })
			if lacks == has {
				t.Errorf("%s, %q: the stack has it: %v, and lacks it: %v", name, c.Traits(), has, lacks)
			}
			if _, err := generator.Create(name, c); (err != nil) != lacks {
				t.Errorf("%s, %q: %v", name, c.Traits(), err)
			}
		}
	}
}

// TestSecretIsAHole wants .env without its secret in the plan, and one place to put it.
func TestSecretIsAHole(t *testing.T) {
	p, err := generator.Create("go", dev(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range p.Ops {
		if want := op.Path == ".env"; (len(op.Holes) == 1) != want || want && op.Mode != 0o600 {
			t.Errorf("%s: holes %v, mode %v", op.Path, op.Holes, op.Mode)
		}
	}
}

// TestEveryStackRenders renders the answers of --dev with each stack.
func TestEveryStackRenders(t *testing.T) {
	for _, name := range templates.Names() {
		if _, err := generator.Create(name, dev(t)); err != nil {
			t.Error(err)
		}
	}
}

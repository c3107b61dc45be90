package generator_test

import (
	"testing"

	"github.com/mcpauth/mcpauth/generator"
	"github.com/mcpauth/mcpauth/internal/config"
)

func BenchmarkCreate(b *testing.B) {
	answers := config.Answers{}
	config.Dev(answers)
	config.Name(answers, "my-server")
	c, problems := config.New(answers)
	if len(problems) > 0 {
		b.Fatal(problems)
	}
	for b.Loop() {
		if _, err := generator.Create("go", c); err != nil {
			b.Fatal(err)
		}
	}
}

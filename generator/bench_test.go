package generator_test

import (
	"testing"

	"github.com/mcpauth/mcpauth/generator"
)

func BenchmarkCreate(b *testing.B) {
	c := dev(b)
	for b.Loop() {
		if _, err := generator.Create("go", c); err != nil {
			b.Fatal(err)
		}
	}
}

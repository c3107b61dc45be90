package iostreams_test

import (
	"io"
	"testing"

	"github.com/mcpauth/mcpauth/internal/iostreams"
)

func TestInMemory(t *testing.T) {
	t.Parallel()
	s, in, out, errs := iostreams.Test()
	if s.InTerminal() || s.OutTerminal() || s.ErrTerminal() || s.ColorOut() || s.ColorErr() {
		t.Error("a buffer passes for a terminal")
	}
	in.WriteString("in")
	io.WriteString(s.Out, "out")
	io.WriteString(s.Err, "err")
	read, _ := io.ReadAll(s.In)
	if string(read) != "in" || out.String() != "out" || errs.String() != "err" {
		t.Errorf("streams are mixed up: in %q, out %q, err %q", read, out, errs)
	}
}

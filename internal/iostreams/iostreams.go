// Package iostreams holds the three standard streams and what is known about them.
//
// Standard output is data; everything meant for a person goes to standard error.
package iostreams

import (
	"bytes"
	"io"
	"os"

	"golang.org/x/term"
)

// Streams are the standard streams of one run of the program.
type Streams struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer

	inTerminal, outTerminal, errTerminal bool

	color bool
	plain bool
	quiet bool
}

// System returns the process's own streams. getenv is usually [os.Getenv].
func System(getenv func(string) string) *Streams {
	return New(os.Stdin, os.Stdout, os.Stderr, getenv)
}

// New returns streams that know which of in, out and err are terminals.
// Of the environment it reads NO_COLOR, TERM and ACCESSIBLE.
func New(in io.Reader, out, err io.Writer, getenv func(string) string) *Streams {
	dumb := getenv("TERM") == "dumb"
	return &Streams{
		In:          in,
		Out:         out,
		Err:         err,
		inTerminal:  isTerminal(in),
		outTerminal: isTerminal(out),
		errTerminal: isTerminal(err),
		color:       getenv("NO_COLOR") == "" && !dumb,
		plain:       getenv("ACCESSIBLE") != "" || dumb,
	}
}

// Test returns streams in memory, none of them a terminal.
func Test() (streams *Streams, in, out, err *bytes.Buffer) {
	in, out, err = new(bytes.Buffer), new(bytes.Buffer), new(bytes.Buffer)
	return New(in, out, err, func(string) string { return "" }), in, out, err
}

// InTerminal says whether standard input is a terminal.
func (s *Streams) InTerminal() bool { return s.inTerminal }

// OutTerminal says whether standard output is a terminal.
func (s *Streams) OutTerminal() bool { return s.outTerminal }

// ErrTerminal says whether standard error is a terminal.
func (s *Streams) ErrTerminal() bool { return s.errTerminal }

// ColorOut says whether colour is wanted on standard output: it is a terminal, NO_COLOR is
// empty (https://no-color.org), TERM is not "dumb", and [Streams.DisableColor] was not called.
func (s *Streams) ColorOut() bool { return s.color && s.outTerminal }

// ColorErr is [Streams.ColorOut] for standard error.
func (s *Streams) ColorErr() bool { return s.color && s.errTerminal }

// DisableColor turns colour off, as --no-color asks.
func (s *Streams) DisableColor() { s.color = false }

// Plain says that nothing already on the screen may be redrawn: ACCESSIBLE is set, whatever
// its value, or TERM is "dumb".
func (s *Streams) Plain() bool { return s.plain }

// Talk returns streams that send data where talk goes.
func (s *Streams) Talk() *Streams {
	talk := *s
	talk.Out, talk.outTerminal = s.Err, s.errTerminal
	return &talk
}

// Silence drops progress reports, as --quiet asks.
func (s *Streams) Silence() { s.quiet = true }

func isTerminal(stream any) bool {
	f, ok := stream.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(f.Fd()))
}

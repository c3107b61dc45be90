package prompt

import (
	"github.com/AlecAivazis/survey/v2/core"
	"github.com/AlecAivazis/survey/v2/terminal"
)

// surveyFiles returns the console itself: survey reads and colours it through the console API.
func (c *console) surveyFiles(color bool) (terminal.FileReader, terminal.FileWriter) {
	core.DisableColor = !color
	return c.in, c.out
}

// runSurvey calls ask, and returns early when the context ends. A panic in ask comes out here, where the
// console's mode is put back.
func (c *console) runSurvey(ask func() error) error {
	type outcome struct {
		err      error
		panicked any
	}
	done := make(chan outcome, 1)
	go func() {
		var o outcome
		defer func() {
			o.panicked = recover()
			done <- o
		}()
		o.err = ask()
	}()
	select {
	case <-c.ctx.Done():
		return ErrInterrupted
	case o := <-done:
		if o.panicked != nil {
			panic(o.panicked)
		}
		return o.err
	}
}

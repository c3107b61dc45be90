package check

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Keep returns the workshop with the folder that the stack's projects share, after making it where it is missing: below
// cache, for the operating system, the stack and the content of the files it is for. Without cache it is made in
// Scratch, for this project alone.
func (w Workshop) Keep(ctx context.Context, cache string, begin func(name string) (end func())) (Workshop, error) {
	if len(w.Stack.Kept.Key) == 0 {
		return w, nil
	}
	if cache == "" {
		cache = w.Scratch
	}
	digest, err := w.keptDigest()
	if err != nil {
		return w, fmt.Errorf("looking for what %s needs: %w", w.Dir, err)
	}
	w.Kept = filepath.Join(cache, "mcpauth", w.Stack.Name+"-"+digest)
	if _, err := os.Stat(w.Command([]string{w.Stack.Kept.Has})[0]); err == nil {
		return w, nil
	}
	return w, w.makeKept(ctx, begin)
}

// makeKept makes the folder under another name first, so that no interrupted run leaves half of one.
func (w Workshop) makeKept(ctx context.Context, begin func(name string) (end func())) error {
	parent, name := filepath.Split(w.Kept)
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return fmt.Errorf("making a folder for what is kept: %w", err)
	}
	making, err := os.MkdirTemp(parent, name+".making-")
	if err != nil {
		return fmt.Errorf("making a folder for what is kept: %w", err)
	}
	defer os.RemoveAll(making)
	inMaking := w
	inMaking.Kept = making
	if err := inMaking.Build(ctx, w.Stack.Kept.Steps, begin); err != nil {
		return err
	}
	if err := os.Rename(making, w.Kept); err == nil {
		return nil
	}
	// Another run was first, and what it made is the same; or what is there has lost its interpreter.
	if _, err := os.Stat(w.Command([]string{w.Stack.Kept.Has})[0]); err == nil {
		return nil
	}
	if err := errors.Join(os.RemoveAll(w.Kept), os.Rename(making, w.Kept)); err != nil {
		return fmt.Errorf("keeping what was made: %w", err)
	}
	return nil
}

// keptDigest tells projects apart that cannot share.
func (w Workshop) keptDigest() (string, error) {
	sum := sha256.New()
	fmt.Fprintln(sum, w.Stack.Kept.Steps)
	for _, name := range w.Stack.Kept.Key {
		data, err := os.ReadFile(filepath.Join(w.Dir, filepath.FromSlash(name)))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(sum, "%d\n%s", len(data), data)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8]), nil
}

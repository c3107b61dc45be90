package check

import (
	"bufio"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Loops returns the loops, file:line, in which something outlives the round: from Go 1.22 on it holds the variable of its
// round, and before that the one that all rounds share. The module is as Prove has left it.
func (m GoModule) Loops(ctx context.Context) ([]string, error) {
	said, err := m.output(ctx, "looking for loops that Go 1.22 changed", []string{
		"build", "-o", os.DevNull, "-trimpath=false", "-gcflags=-d=loopvar=2", "-mod=mod", "-modfile=" + m.alternative("mod"), "-overlay=" + m.overlaid("build"), "./...",
	})
	if err != nil {
		return nil, err
	}
	news := regexp.MustCompile(`^(\S+\.go:\d+):\d+: loop variable \w+ now per-iteration`)
	var loops []string
	for scanner := bufio.NewScanner(strings.NewReader(said)); scanner.Scan(); {
		found := news.FindStringSubmatch(scanner.Text())
		if found == nil {
			continue
		}
		if place := filepath.ToSlash(filepath.Clean(found[1])); !filepath.IsAbs(place) && !strings.HasPrefix(place, m.Added+"/") {
			loops = append(loops, place)
		}
	}
	return loops, nil
}

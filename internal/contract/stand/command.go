package stand

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/mcpauth/mcpauth/internal/contract"
	"github.com/mcpauth/mcpauth/internal/run"
)

// PortPlaceholder stands for the port where the server listens.
const PortPlaceholder = "{port}"

// StartBare starts the server at an origin without any setting but PORT and HOST. It does not wait. The process is killed
// when ctx ends.
func (s Server) StartBare(ctx context.Context, origin string) (*run.Process, error) {
	command, err := s.command(origin, contract.Settings{Host: "127.0.0.1"})
	if err != nil {
		return nil, err
	}
	return run.Start(ctx, command)
}

// command runs the server at an origin.
func (s Server) command(origin string, settings contract.Settings) (run.Command, error) {
	u, err := url.Parse(origin)
	if err == nil {
		settings.Port, err = strconv.Atoi(u.Port())
	}
	if err != nil {
		return run.Command{}, fmt.Errorf("starting %s: %q names no port", s.Path, origin)
	}
	fill := func(list []string) []string {
		list = slices.Clone(list)
		for i, text := range list {
			list[i] = strings.ReplaceAll(text, PortPlaceholder, u.Port())
		}
		return list
	}
	return run.Command{Path: s.Path, Args: fill(s.Args), Dir: s.Dir, Env: append(settings.Variables(), fill(s.Env)...)}, nil
}

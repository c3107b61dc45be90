package gopatch

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mcpauth/mcpauth/internal/refusal"
)

// Choose returns the server to patch: the one that has a site at position, file:line as Site.Position is, or with
// an empty position the only one that is not a decoy. The error is a Refusal.
func (s *Survey) Choose(position string) (Server, error) {
	switch {
	case s.servesMCP() != "":
		return s.chooseMCP(position)
	case len(s.Servers) == 0:
		return Server{}, cmp.Or(s.stdioByHand(), s.hidden(), &refusal.Refusal{Code: refusal.CodeNone, Reason: "nothing in this program serves HTTP through net/http where it can be seen"})
	case position != "":
		return s.at(position)
	}
	services := slices.DeleteFunc(slices.Clone(s.Servers), func(server Server) bool { return server.Decoy != "" })
	if r := s.ownLogin(services); r != nil {
		return Server{}, r
	}
	switch {
	case len(services) == 0 && !slices.ContainsFunc(s.Servers, func(server Server) bool { return server.Decoy != unreached }):
		return Server{}, &refusal.Refusal{Code: refusal.CodeNone, Reason: "nothing in the program leads to what serves HTTP in it; choose a server if you know better:", ByHand: s.list()}
	case len(services) == 0:
		return Server{}, &refusal.Refusal{Code: refusal.CodeDecoy, Reason: "what the program serves is for operators; choose a server if you want it there all the same:", ByHand: s.list()}
	case len(services) > 1:
		return Server{}, &refusal.Refusal{Code: refusal.CodeMulti, Reason: fmt.Sprintf("the program has %d servers; choose one:", len(services)), ByHand: s.list()}
	}
	return services[0].patchable()
}

func (s *Survey) at(position string) (Server, error) {
	for _, server := range s.Servers {
		if slices.ContainsFunc(server.Sites, func(site Site) bool { return site.Position == position }) {
			return server.patchable()
		}
	}
	return Server{}, &refusal.Refusal{Code: refusal.CodeNone, Reason: "no server at " + position + "; there are:", ByHand: s.list()}
}

func (s Server) patchable() (Server, error) {
	if s.Blocked != nil {
		return Server{}, s.Blocked
	}
	return s, nil
}

// list shows every server, one a line, as a flag to choose it.
func (s *Survey) list() []string {
	lines := s.List()
	for i := range lines {
		lines[i] = "--server " + lines[i]
	}
	return lines
}

// answering lists those of the servers that answer MCP; all, where that cannot be told of any.
func (s *Survey) answering() []string {
	all := s.list()
	var lines []string
	for i, line := range all {
		if len(s.Routing(s.Servers[i]).mcp()) > 0 {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return all
	}
	return lines
}

// List shows every server, one a line, in the order of Servers.
func (s *Survey) List() []string {
	var lines []string
	for _, server := range s.Servers {
		line := server.Sites[0].describe()
		if server.Decoy != "" {
			line += "  for " + server.Decoy
		}
		var also []string
		for _, site := range server.Sites[1:] {
			also = append(also, site.Position)
		}
		if len(also) > 0 {
			line += "  also at " + strings.Join(also, ", ")
		}
		lines = append(lines, line)
	}
	return lines
}

func (s Site) describe() string {
	line := s.Position + "  " + s.Kind
	if s.Address != "" {
		line += "  at " + oneLine(s.Address)
	}
	if s.Handler != "" {
		line += "  serves " + oneLine(s.Handler)
	}
	return line
}

// oneLine is the source of an expression in one line that is not too long for a list.
func oneLine(source string) string {
	const longest = 60 // characters
	words := []rune(strings.Join(strings.Fields(source), " "))
	if len(words) > longest {
		return string(words[:longest-1]) + "…"
	}
	return string(words)
}

package gopatch

import "strings"

// Notes returns what a person has to know of an endpoint in front of a server, besides where it is.
func (s *Survey) Notes(server Server, e Endpoint) []string {
	var notes []string
	for _, shadowed := range e.Shadowed {
		notes = append(notes, shadowed.Route.String()+" no longer sees "+strings.Join(shadowed.Paths, ", "))
	}
	if e.OwnHealth != "" {
		notes = append(notes, "your /health at "+e.OwnHealth+" stays as it is")
	}
	for _, r := range e.Renamed {
		notes = append(notes, r.Name+" means something to the program at "+r.Position+": for MCP, set "+r.Now)
	}
	if e.SDK != "" {
		notes = append(notes, s.mcpNotes(server, e)...)
	}
	for _, hazard := range s.Hazards(server, e) {
		notes = append(notes, hazard.String())
	}
	if !s.Stops(server) {
		notes = append(notes, "the program never shuts this server down: when it ends, requests are cut off, those to MCP too")
	}
	return notes
}

// String is the route as people write it, with where it is registered: GET /a (main.go:7).
func (r Route) String() string {
	text := r.Host + r.Path
	if len(r.Methods) > 0 {
		text = strings.Join(r.Methods, ",") + " " + text
	}
	return text + " (" + r.Position + ")"
}

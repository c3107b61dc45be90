package gopatch

import (
	"go/token"
	"strings"
)

// Notes returns what a person has to know of an endpoint in front of a server, besides where it is.
func (s *Survey) Notes(server Server, e Endpoint) []string {
	var notes []string
	notes = append(notes, e.shadowing()...)
	if e.OwnHealth != "" {
		notes = append(notes, "your /health at "+e.OwnHealth+" stays as it is")
	}
	if e.AsksHealth {
		notes = append(notes, "/health is the program's, as before; where that finds nothing, the answer is healthy now")
	}
	notes = append(notes, s.protection(server, e)...)
	for _, r := range e.Renamed {
		notes = append(notes, r.Name+" means something to the program at "+r.Position+": for MCP, set "+r.Now)
	}
	if e.Stdio {
		return []string{
			"stdio stays the default; with MCP_HTTP=1 in its environment the program serves MCP over HTTP at HOST and PORT, and ends at once where a setting is missing",
			"your tools stay; " + e.accessor() + "; over stdio there is no caller, and such a tool is refused",
		}
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

// shadowing says which routes no longer see paths of ours, those that miss the same in one note.
func (e Endpoint) shadowing() []string {
	var missed []string // in the order of the routes
	routes := make(map[string][]string)
	for _, shadowed := range e.Shadowed {
		paths := strings.Join(shadowed.Paths, ", ")
		if routes[paths] == nil {
			missed = append(missed, paths)
		}
		routes[paths] = append(routes[paths], shadowed.Route.String())
	}
	var notes []string
	for _, paths := range missed {
		sees := " no longer sees "
		if len(routes[paths]) > 1 {
			sees = " no longer see "
		}
		notes = append(notes, strings.Join(routes[paths], ", ")+sees+paths)
	}
	return notes
}

// protection says who starts to need a token.
func (s *Survey) protection(server Server, e Endpoint) []string {
	if !e.All {
		return nil
	}
	var notes []string
	for _, r := range e.Guarded {
		notes = append(notes, r.String()+" answers 401 without a token from now on")
	}
	for _, r := range s.Routing(server).Unknown {
		notes = append(notes, "so does whatever else "+r.Position+" answers below "+r.Path)
	}
	notes = append(notes, "where the settings of MCP are missing, all of these answer 503: nobody can check tokens there")
	if e.Preflights {
		notes = append(notes, "CORS preflights need no token: the program answers them before any route")
	} else {
		notes = append(notes, `CORS preflights need a token, too, unless --public "OPTIONS /" lets all requests of that method through`)
	}
	for _, pos := range s.readsAuthorization() {
		notes = append(notes, s.module.Position(pos)+": the program looks for credentials of its own here, and finds none: the access token is not handed on")
	}
	return notes
}

// readsAuthorization returns where the program looks for credentials.
func (s *Survey) readsAuthorization() []token.Pos {
	var found []token.Pos
	for _, c := range s.flow.calls {
		named := (c.fn.Name() == "Get" || c.fn.Name() == "GetHeader" || c.fn.Name() == "Values") && len(c.call.Args) > 0 &&
			isString(c.pkg.TypesInfo, c.call.Args[0], "Authorization")
		if named || c.fn.FullName() == "(*net/http.Request).BasicAuth" {
			found = append(found, c.call.Pos())
		}
	}
	return found
}

// String is the route as people write it, with where it is registered: GET /a (main.go:7).
func (r Route) String() string {
	text := r.Host + r.Path
	if len(r.Methods) > 0 {
		text = strings.Join(r.Methods, ",") + " " + text
	}
	return text + " (" + r.Position + ")"
}

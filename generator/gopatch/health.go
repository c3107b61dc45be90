package gopatch

import "slices"

// withHealth says whose /health is: the program's where it has one, or may have one.
func (e Endpoint) withHealth(server Server, routing Routing) Endpoint {
	for _, r := range routing.Routes {
		if r.pattern.names(healthPath) && r.reads() {
			e.OwnHealth = r.Position
			return e
		}
	}
	for _, r := range slices.Concat(routing.Routes, routing.Unknown) {
		if !r.pattern.matches(healthPath) || !r.reads() {
			continue
		}
		if server.asks() {
			e.AsksHealth = true
		} else {
			e.OwnHealth = r.Position
		}
		return e
	}
	return e
}

// KeepsHealth says whether /health is the program's, or may be.
func (e Endpoint) KeepsHealth() bool { return e.OwnHealth != "" || e.AsksHealth }

// asks says whether the answers of the server can be looked at before they are sent: those of echo and fiber cannot.
func (s Server) asks() bool {
	for _, site := range s.Sites {
		switch site.wrapper() {
		case WrapHandler, WrapGin, WrapGin7:
		default:
			return false
		}
	}
	return true
}

package gopatch

// A router of gorilla/mux is a plain handler.
func gorilla() router {
	return router{name: "mux", path: "github.com/gorilla/mux", muxes: []string{"Router"}}
}

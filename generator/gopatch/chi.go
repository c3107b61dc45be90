package gopatch

// A router of chi is a plain handler.
func chi() router {
	return router{name: "chi", path: "github.com/go-chi/chi", muxes: []string{"Mux", "Router"}}
}

func chi5() router {
	return router{name: "chi", path: "github.com/go-chi/chi/v5", muxes: []string{"Mux", "Router"}}
}

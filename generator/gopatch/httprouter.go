package gopatch

// A router of httprouter is a plain handler.
func httprouter() router {
	return router{name: "httprouter", path: "github.com/julienschmidt/httprouter", muxes: []string{"Router"}}
}

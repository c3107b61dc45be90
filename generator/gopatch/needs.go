package gopatch

import "net/http"

// NeedsToken says whether the patched program asks a token of a request that is not for the endpoint itself. An empty
// host is any.
func (e Endpoint) NeedsToken(method, host, path string) bool {
	if !e.All {
		return e.SDK != "" && e.guards(path)
	}
	muxes, err := publicMuxes(e.Public)
	if err != nil {
		return true
	}
	request, err := http.NewRequest(method, path, nil)
	if err != nil {
		return true
	}
	request.Host = host
	return request.URL.RawPath != "" || !isPublic(muxes, request)
}

func isPublic(muxes []*http.ServeMux, r *http.Request) bool {
	for _, mux := range muxes {
		handler, _ := mux.Handler(r)
		if _, public := handler.(publicRoute); public {
			return true
		}
	}
	return false
}

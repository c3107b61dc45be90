package auth

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// A challenge is the answer to a request that may not be served (RFC 6750 section 3). Its texts are fixed:
// they hold nothing of the token, and nothing that a caller sent.
type challenge struct {
	status      int
	code        string   // error parameter; empty where the request had no token
	description string   // error_description
	scopes      []string // scope: everything the operation needs
}

func (c challenge) write(w http.ResponseWriter, metadataURL string) {
	h := w.Header()
	if c.status == http.StatusServiceUnavailable {
		h.Set("Retry-After", strconv.Itoa(int(fetchFloor.Seconds())))
	} else {
		h.Set("WWW-Authenticate", c.header(metadataURL))
	}
	code := c.code
	if code == "" {
		code = strings.ToLower(strings.ReplaceAll(http.StatusText(c.status), " ", "_"))
	}
	body, _ := json.Marshal(map[string]string{"error": code, "error_description": c.description})
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Del("Content-Length")
	w.WriteHeader(c.status)
	w.Write(body)
}

func (c challenge) header(metadataURL string) string {
	params := []string{`realm="OAuth"`}
	if c.code != "" {
		params = append(params, `error="`+c.code+`"`, `error_description="`+c.description+`"`)
	}
	if len(c.scopes) > 0 {
		params = append(params, `scope="`+strings.Join(c.scopes, " ")+`"`)
	}
	params = append(params, `resource_metadata="`+metadataURL+`"`)
	return "Bearer " + strings.Join(params, ", ")
}

package oauth

import (
	"encoding/json"
	"net/http"
)

// Error codes of RFC 6749 sections 4.1.2.1 and 5.2, RFC 8707 section 2 and RFC 7591 section 3.2.2.
const (
	invalidRequest         = "invalid_request"
	invalidClient          = "invalid_client"
	invalidGrant           = "invalid_grant"
	invalidScope           = "invalid_scope"
	invalidTarget          = "invalid_target"
	invalidRedirectURI     = "invalid_redirect_uri"
	invalidClientMetadata  = "invalid_client_metadata"
	unauthorizedClient     = "unauthorized_client"
	unsupportedGrantType   = "unsupported_grant_type"
	unsupportedResponse    = "unsupported_response_type"
	requestNotSupported    = "request_not_supported"
	requestURINotSupported = "request_uri_not_supported"
	consentRequired        = "consent_required"
	accessDenied           = "access_denied"
	serverError            = "server_error"
)

// failure is a refusal as OAuth words it. The description never repeats a code, token or secret.
type failure struct {
	code        string
	description string
}

func (f *failure) Error() string { return f.code + ": " + f.description }

func refuse(code, description string) *failure { return &failure{code: code, description: description} }

// failed is a failure of this server. The person who reads about it is the one who runs it, so it says why.
func failed(err error) *failure {
	return refuse(serverError, "the authorization server failed: "+err.Error())
}

// write answers as RFC 6749 section 5.2 says.
func (f *failure) write(w http.ResponseWriter) {
	status := http.StatusBadRequest
	switch f.code {
	case invalidClient:
		status = http.StatusUnauthorized
	case serverError:
		status = http.StatusInternalServerError
	}
	writeJSON(w, status, map[string]string{"error": f.code, "error_description": f.description})
}

// writeJSON answers with a document that nobody may keep.
func writeJSON(w http.ResponseWriter, status int, document any) {
	encoded, err := json.Marshal(document)
	if err != nil {
		http.Error(w, "the answer has no JSON form", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(encoded) // the client is gone if this fails
}

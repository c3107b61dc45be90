package contract_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

type callerKey struct{}

// authenticate finds the one bearer token and lets its owner pass.
func (s *reference) authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, many := s.credential(r)
		switch {
		case many:
			s.refuse(w, r, http.StatusBadRequest, "invalid_request", nil)
			return
		case token == "":
			s.refuse(w, r, http.StatusUnauthorized, "", nil)
			return
		}
		caller, err := s.verify(token)
		switch {
		case errors.Is(err, errUnavailable):
			if !s.is("no-retry-after") {
				w.Header().Set("Retry-After", "1")
			}
			s.refuse(w, r, http.StatusServiceUnavailable, "unavailable", nil)
			return
		case err != nil:
			s.leak(w, token)
			s.refuse(w, r, http.StatusUnauthorized, "invalid_token", nil)
			return
		}
		s.logRequest(r, caller, token)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, caller)))
	})
}

func (s *reference) credential(r *http.Request) (token string, many bool) {
	values := r.Header.Values("Authorization")
	if s.is("credential-first") && len(values) > 1 {
		values = values[:1]
	}
	if s.is("credential-query") && len(values) == 0 && r.URL.Query().Get("access_token") != "" {
		return r.URL.Query().Get("access_token"), false
	}
	if s.is("credential-form") && len(values) == 0 && r.FormValue("access_token") != "" {
		return r.FormValue("access_token"), false
	}
	if len(values) != 1 {
		return "", len(values) > 1
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") || s.is("credential-case") && scheme != "Bearer" {
		return "", false
	}
	token = strings.TrimSpace(token)
	if s.is("credential-word") {
		token, _, _ = strings.Cut(token, " ")
	}
	return token, false
}

// leak makes the answers of some mutants tell more than they should.
func (s *reference) leak(w http.ResponseWriter, token string) {
	switch {
	case s.is("leak-token"):
		w.Header().Set("X-Debug", strings.ToValidUTF8(strings.TrimRight(token, "\x00"), ""))
	case s.is("leak-claim"):
		_, rest, _ := strings.Cut(token, ".")
		payload, _, _ := strings.Cut(rest, ".")
		decoded, _ := base64.RawURLEncoding.DecodeString(payload)
		var claims struct{ Sub any }
		_ = json.Unmarshal(decoded, &claims)
		w.Header().Set("X-Subject", strings.Trim(fmt.Sprintf("%q", claims.Sub), `"`))
	case s.is("leak-library"):
		w.Header().Set("X-Reason", "crypto/rsa: verification error")
	}
}

// refuse answers with a challenge.
func (s *reference) refuse(w http.ResponseWriter, r *http.Request, status int, code string, scopes []string) {
	h := w.Header()
	location := s.origin + wellKnownRoot
	if !s.is("challenge-root") {
		location += s.path
	}
	if s.is("challenge-from-host") && r.Header.Get("X-Forwarded-Host") != "" {
		location = strings.Replace(location, "127.0.0.1", r.Header.Get("X-Forwarded-Host"), 1)
	}
	challenge := `Bearer realm="OAuth", resource_metadata="` + location + `"`
	if len(scopes) > 0 {
		if s.is("scope-challenge-partial") {
			scopes = scopes[:1]
		}
		challenge += `, scope="` + strings.Join(scopes, " ") + `"`
	}
	if code != "" || s.is("challenge-error") {
		challenge += s.errorParameters(code)
	}
	switch {
	case s.is("challenge-bare") && code == "":
		challenge = "Bearer"
	case s.is("challenge-second"):
		challenge = `Basic realm="OAuth", ` + challenge
	case s.is("challenge-none") && code == "":
		challenge = ""
	}
	if challenge != "" {
		h.Set("WWW-Authenticate", challenge)
	}
	h.Set("Content-Type", "application/json")
	if s.is("challenge-text") && code == "" {
		h.Set("Content-Type", "text/plain")
	}
	if s.is("bad-token-403") && code == "invalid_token" {
		status = http.StatusForbidden
	}
	if !s.is("log-no-refusals") {
		s.log.line(map[string]any{"msg": "request refused", "status": status})
	}
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"error":%q}`, code)
}

func (s *reference) errorParameters(code string) string {
	switch {
	case s.is("scope-no-error") && code == "insufficient_scope":
		return ""
	case s.is("bad-token-no-error") && code == "invalid_token":
		return ""
	case code == "":
		code = "invalid_token"
	}
	description := "refused"
	if s.is("bad-token-description") {
		description = fmt.Sprintf("refused %d", s.requests.Add(1))
	}
	return fmt.Sprintf(`, error=%q, error_description=%q`, code, description)
}

func (s *reference) logRequest(r *http.Request, caller *identity, token string) {
	line := map[string]any{"msg": "request", "subject": caller.subject, "status": 200}
	switch {
	case s.is("log-token"):
		line["authorization"] = r.Header.Get("Authorization")
	case s.is("log-signature"):
		line["id"] = token[strings.LastIndex(token, ".")+1:]
	case s.is("log-no-subject"):
		delete(line, "subject")
	case s.is("log-no-outcome"):
		delete(line, "status")
	}
	s.log.line(line)
}

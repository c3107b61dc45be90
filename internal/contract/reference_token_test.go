package contract_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

var (
	errRefused     = errors.New("refused")
	errUnavailable = errors.New("unavailable")
)

// keySet is the reference's cache of public keys.
type keySet struct {
	broken string
	url    string
	client *http.Client

	fetching sync.Mutex // held during a fetch
	mu       sync.Mutex
	keys     map[string]*rsa.PublicKey
	at       time.Time
	failed   bool
}

func newKeySet(broken, url string) *keySet {
	k := &keySet{broken: broken, url: url, client: &http.Client{Timeout: time.Second, Transport: &http.Transport{}}, failed: true}
	switch broken {
	case "fetch-no-timeout":
		k.client.Timeout = 0
	case "fetch-blocks-all":
		k.client.Timeout = 3 * time.Second
	}
	return k
}

func (k *keySet) is(fault string) bool { return k.broken == fault }

func (k *keySet) refreshUntilKnown(done <-chan struct{}) {
	for k.refresh("") != nil {
		if k.is("start-only") {
			return
		}
		select {
		case <-done:
			return
		case <-time.After(limits.KeyFloor):
		}
	}
}

func (k *keySet) get(kid string) (*rsa.PublicKey, bool) {
	if k.is("fetch-blocks-all") {
		k.fetching.Lock()
		defer k.fetching.Unlock()
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	key, ok := k.keys[kid]
	return key, ok
}

func (k *keySet) lookup(kid, token string) (*rsa.PublicKey, error) {
	if key, ok := k.get(kid); ok {
		return key, nil
	}
	if k.is("keys-once") && k.keys != nil {
		return nil, errRefused
	}
	if err := k.refresh(token); err != nil && !k.is("outage-401") {
		return nil, errUnavailable
	}
	if key, ok := k.get(kid); ok {
		return key, nil
	}
	return nil, errRefused
}

// refresh fetches the keys unless that was done a moment ago. It reports the outcome of the latest fetch.
func (k *keySet) refresh(token string) error {
	k.fetching.Lock()
	defer k.fetching.Unlock()
	if time.Since(k.at) < limits.KeyFloor && !k.is("no-floor") {
		if k.failed {
			return errUnavailable
		}
		return nil
	}
	keys, err := k.fetch(token)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at, k.failed = time.Now(), err != nil
	switch {
	case err != nil && k.is("outage-forgets"):
		k.keys = nil
	case err != nil:
		return errUnavailable
	case k.is("keys-merged"):
		for kid, key := range k.keys {
			if keys[kid] == nil {
				keys[kid] = key
			}
		}
		k.keys = keys
	default:
		k.keys = keys
	}
	return nil
}

func (k *keySet) fetch(token string) (map[string]*rsa.PublicKey, error) {
	r, err := http.NewRequest(http.MethodGet, k.url, nil)
	if err != nil {
		return nil, err
	}
	if k.is("forwards-token") && token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := k.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, errUnavailable
	}
	limit := int64(64 << 10)
	if k.is("fetch-no-limit") {
		limit = 1 << 30
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, limit))
	if err != nil {
		return nil, err
	}
	var set struct{ Keys []struct{ Kid, N string } }
	if err := json.Unmarshal(body, &set); err != nil {
		return nil, err
	}
	keys := map[string]*rsa.PublicKey{}
	for _, key := range set.Keys {
		n, err := base64.RawURLEncoding.DecodeString(key.N)
		if err != nil {
			return nil, err
		}
		keys[key.Kid] = &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: 65537}
	}
	return keys, nil
}

// identity is a verified caller.
type identity struct {
	subject, client, organization string
	scopes                        []string
}

// verify checks a token as C7 demands.
func (s *reference) verify(token string) (*identity, error) {
	if len(token) > limits.Token && !s.is("token-size") {
		return nil, errRefused
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, errRefused
	}
	var decoded [3][]byte
	for i, part := range parts {
		decode := base64.RawURLEncoding.Strict()
		if s.is("token-lenient-base64") {
			decode = base64.RawURLEncoding
		}
		var err error
		if decoded[i], err = decode.DecodeString(part); err != nil {
			return nil, errRefused
		}
	}
	header, err := s.object(decoded[0])
	if err != nil {
		return nil, errRefused
	}
	claims, err := s.object(decoded[1])
	if err != nil {
		return nil, errRefused
	}
	if err := s.checkSignature(token, parts[0]+"."+parts[1], header, decoded[2]); err != nil {
		return nil, err
	}
	return s.checkClaims(claims)
}

func (s *reference) checkSignature(token, input string, header map[string]json.RawMessage, signature []byte) error {
	algorithm, kid := text(header["alg"]), text(header["kid"])
	if s.is("token-alg-none") && strings.EqualFold(algorithm, "none") {
		return nil
	}
	if algorithm != "RS256" || kid == "" {
		return errRefused
	}
	if !s.is("token-ignores-crit") {
		for _, name := range []string{"crit", "jwk", "jku", "x5c", "x5u"} {
			if header[name] != nil {
				return errRefused
			}
		}
	}
	key, err := s.keys.lookup(kid, token)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(input))
	if s.is("token-signature") {
		return nil
	}
	if rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) != nil {
		return errRefused
	}
	return nil
}

func (s *reference) checkClaims(claims map[string]json.RawMessage) (*identity, error) {
	const leeway = 30
	now := float64(time.Now().Unix())
	exp, expOK := number(claims["exp"])
	nbf, nbfOK := number(claims["nbf"])
	iat, iatOK := number(claims["iat"])
	issuer, subject := text(claims["iss"]), text(claims["sub"])
	audience, audienceOK := list(claims["aud"])
	scopes, scopesOK := s.scopes(claims)
	switch {
	case !expOK && !(s.is("token-no-exp") && claims["exp"] == nil):
		return nil, errRefused
	case expOK && exp <= now-leeway && !s.is("token-expired"):
		return nil, errRefused
	case claims["nbf"] != nil && (!nbfOK || nbf > now+leeway) && !s.is("token-nbf"):
		return nil, errRefused
	case claims["iat"] != nil && (!iatOK || iat > now+leeway):
		return nil, errRefused
	case !s.knownIssuer(issuer):
		return nil, errRefused
	case !audienceOK || !slices.ContainsFunc(audience, s.isMe):
		return nil, errRefused
	case subject == "" && !s.is("token-no-subject"):
		return nil, errRefused
	case !scopesOK:
		return nil, errRefused
	case s.is("good-aud-string") && bytes.HasPrefix(claims["aud"], []byte(`"`)):
		return nil, errRefused
	}
	return &identity{subject, text(claims["client_id"]), text(claims["oid"]), scopes}, nil
}

func (s *reference) knownIssuer(issuer string) bool {
	switch {
	case s.is("token-any-issuer"):
		return true
	case s.is("token-issuer-prefix"):
		return strings.HasPrefix(issuer, s.issuers[0])
	case s.is("good-env-only"):
		return issuer == s.issuers[0]
	case s.is("good-resource-only"):
		return issuer == s.issuers[1]
	}
	return slices.Contains(s.issuers, issuer)
}

func (s *reference) isMe(audience string) bool {
	switch {
	case s.is("token-any-audience"):
		return true
	case s.is("token-audience-prefix"):
		return slices.ContainsFunc(s.audience, func(a string) bool { return strings.HasPrefix(audience, a) })
	case s.is("good-aud-url-only"):
		return slices.Contains(s.audience[1:], audience)
	case s.is("good-aud-exact-slash"):
		return audience == s.audience[0] || audience == s.url
	}
	return slices.Contains(s.audience, audience)
}

func (s *reference) scopes(claims map[string]json.RawMessage) ([]string, bool) {
	var scope string
	var scopes []string
	if raw := claims["scope"]; raw != nil && json.Unmarshal(raw, &scope) != nil {
		return nil, false
	}
	if raw := claims["scopes"]; raw != nil && json.Unmarshal(raw, &scopes) != nil {
		return nil, false
	}
	switch {
	case s.is("scope-only"):
		return strings.Fields(scope), true
	case s.is("scopes-only"):
		return scopes, true
	case s.is("scope-else-scopes") && scope != "":
		return strings.Fields(scope), true
	}
	return append(strings.Fields(scope), scopes...), true
}

// object parses one JSON object with distinct names and nothing around it.
func (s *reference) object(data []byte) (map[string]json.RawMessage, error) {
	if !utf8.Valid(data) {
		return nil, errRefused
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil, errRefused
	}
	members := map[string]json.RawMessage{}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, err
		}
		key := fmt.Sprint(name)
		if s.is("token-case") {
			key = strings.ToLower(key)
		}
		if _, twice := members[key]; twice && !s.is("token-duplicates") {
			return nil, errRefused
		}
		members[key] = value
	}
	if _, err := decoder.Token(); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF && !s.is("token-trailing") {
		return nil, errRefused
	}
	return members, nil
}

func text(raw json.RawMessage) string {
	var value *string
	if json.Unmarshal(raw, &value) != nil || value == nil {
		return ""
	}
	return *value
}

func number(raw json.RawMessage) (float64, bool) {
	var value *float64
	if json.Unmarshal(raw, &value) != nil || value == nil {
		return 0, false
	}
	return *value, true
}

func list(raw json.RawMessage) ([]string, bool) {
	if one := text(raw); one != "" {
		return []string{one}, true
	}
	var pointers []*string
	if json.Unmarshal(raw, &pointers) != nil || slices.Contains(pointers, nil) {
		return nil, false
	}
	var values []string
	for _, p := range pointers {
		values = append(values, *p)
	}
	return values, true
}

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
	location := "http://" + strings.SplitN(s.resource[7:], "/", 2)[0] + wellKnownRoot
	if i := strings.Index(s.resource[7:], "/"); i >= 0 && !s.is("challenge-root") {
		location += strings.TrimSuffix(s.resource[7+i:], "/")
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

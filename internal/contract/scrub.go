package contract

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"sync"
)

// scrubber takes out of a report what identifies the caller: a server may echo the token, or what is in
// it, in the answer to any request.
type scrubber struct {
	mu     sync.Mutex
	values []string
}

// add hides a token, its segments and its claims, apart from those that name servers and rights. What is
// no token is hidden as a whole.
func (s *scrubber) add(secret string) {
	if secret == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values = append(s.values, secret)
	for segment := range strings.SplitSeq(secret, ".") {
		if len(segment) >= 2*minLeak {
			s.values = append(s.values, segment)
		}
	}
	s.values = append(s.values, personal(secret)...)
	// The longest first: one may be a part of another.
	slices.SortFunc(s.values, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
}

// personal are the claims of a token but for iss, aud and scopes, which are no secret.
func personal(token string) []string {
	_, rest, _ := strings.Cut(token, ".")
	payload, _, _ := strings.Cut(rest, ".")
	decoded, err := base64.RawURLEncoding.DecodeString(payload)
	var claims map[string]any
	if err != nil || json.Unmarshal(decoded, &claims) != nil {
		return nil
	}
	for _, public := range []string{"iss", "aud", "scope", "scopes", "resource"} {
		delete(claims, public)
	}
	return longStrings(claims)
}

// scrub returns text without what was added.
func (s *scrubber) scrub(text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, value := range s.values {
		text = strings.ReplaceAll(text, value, "…")
	}
	return text
}

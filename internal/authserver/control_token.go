package authserver

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"
)

// maxLifetime bounds the lifetime that can be asked for, in seconds: a year.
const maxLifetime = 365 * 24 * 60 * 60

// tokenOrder says what token is wanted. Everything may be left out.
type tokenOrder struct {
	// Scope and Scopes are the claims of these names. Without both the token has the resource's scopes, in
	// both claims; an empty one means that the token has none.
	Scope  *string   `json:"scope"`
	Scopes *[]string `json:"scopes"`
	// Audience replaces aud, Subject replaces sub.
	Audience []string `json:"audience"`
	Subject  string   `json:"subject"`
	// ExpiresIn is the lifetime in seconds. Zero means the server's.
	ExpiresIn int `json:"expires_in"`
	// IssuerForm is env or resource. Empty means the form in use.
	IssuerForm IssuerForm `json:"issuer_form"`
	// Claims are laid over those of a good token without scopes; null leaves a claim out. They go alone.
	Claims Claims `json:"claims"`
	// Bad is a kind of bad token. It goes alone: such a token is a good one with one defect.
	Bad string `json:"bad"`
}

type tokenAnswer struct {
	AccessToken string `json:"access_token"`
	// ExpiresIn is the time until exp in seconds, negative for a token that has expired, 0 without a readable exp.
	ExpiresIn int64 `json:"expires_in"`
	// Claims are null when the payload is no JSON object, or holds a number that usual decoders refuse.
	Claims json.RawMessage `json:"claims"`
}

func (s *Server) controlToken(r *http.Request) (any, error) {
	var order tokenOrder
	if err := readControl(r, &order); err != nil {
		return nil, err
	}
	token, err := s.deliver(order)
	if err != nil {
		return nil, err
	}
	claims, expires := readClaims(token)
	return tokenAnswer{AccessToken: token, ExpiresIn: expires, Claims: claims}, nil
}

func (s *Server) deliver(order tokenOrder) (string, error) {
	switch {
	case order.Bad != "":
		return s.deliverBad(order)
	case order.Claims == nil:
		claims, err := s.ordered(order)
		if err != nil {
			return "", err
		}
		return s.Mint(claims)
	case !reflect.DeepEqual(order, tokenOrder{Claims: order.Claims}):
		return "", badControl("claims go alone: they are all that differs from a good token")
	}
	return s.Mint(order.Claims)
}

func (s *Server) deliverBad(order tokenOrder) (string, error) {
	if !reflect.DeepEqual(order, tokenOrder{Bad: order.Bad}) {
		return "", badControl("bad goes alone: such a token is a good one with one defect")
	}
	token, err := s.Bad(order.Bad)
	if errors.Is(err, ErrUnknownKind) {
		return "", badControl("no such kind of bad token: GET " + controlPrefix + "bad lists them")
	}
	return token, err
}

// ordered are the claims that differ from the default ones.
func (s *Server) ordered(order tokenOrder) (Claims, error) {
	claims := Claims{}
	switch {
	case order.Scope == nil && order.Scopes == nil:
		claims["scope"] = strings.Join(s.opts.Scopes, " ")
		claims["scopes"] = append([]string{}, s.opts.Scopes...)
	case order.Scope != nil:
		claims["scope"] = *order.Scope
	}
	if order.Scopes != nil {
		claims["scopes"] = *order.Scopes
	}
	if len(order.Audience) > 0 {
		claims["aud"] = order.Audience
	}
	if order.Subject != "" {
		claims["sub"] = order.Subject
	}
	if order.IssuerForm != "" {
		if err := order.IssuerForm.check(); err != nil {
			return nil, err
		}
		claims["iss"] = s.issuerOf(order.IssuerForm)
	}
	if order.ExpiresIn != 0 {
		if order.ExpiresIn < 0 || order.ExpiresIn > maxLifetime {
			return nil, badControl("expires_in must be between one second and a year; the kind expired of bad tokens has expired")
		}
		claims["exp"] = time.Now().Add(time.Duration(order.ExpiresIn) * time.Second).Unix()
	}
	return claims, nil
}

// readClaims reads what can be read of a token that may be bad in every way.
func readClaims(token string) (claims json.RawMessage, expiresIn int64) {
	parts := strings.Split(token, ".")
	if len(parts) < 2 {
		return nil, 0
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	var object map[string]any
	if err != nil || !utf8.Valid(payload) || json.Unmarshal(payload, &object) != nil || object == nil {
		return nil, 0
	}
	exp, ok := object["exp"].(float64)
	if !ok {
		return payload, 0
	}
	return payload, int64(exp) - time.Now().Unix()
}

type badDescription struct {
	Kind string `json:"kind"`
	Why  string `json:"why"`
}

func (s *Server) listBad(*http.Request) (any, error) {
	list := []badDescription{}
	for _, kind := range badKinds() {
		list = append(list, badDescription{Kind: kind.name, Why: kind.why})
	}
	return list, nil
}

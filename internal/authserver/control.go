package authserver

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"time"
)

// controlPrefix is where a running server is controlled. These requests are not logged: the log is about the
// servers and clients under test.
const controlPrefix = "/dev/"

// maxControl bounds the body of a control request in bytes.
const maxControl = 64 << 10

// maxDelay bounds the delay that can be asked for.
const maxDelay = time.Hour

// controlRoutes registers the endpoints of `mcpauth token`, of scripts and of people. They can make any token,
// so no web page may reach them: see guard.
func (s *Server) controlRoutes() {
	for pattern, handle := range map[string]func(*http.Request) (any, error){
		"POST " + controlPrefix + "token":   s.controlToken,
		"GET " + controlPrefix + "bad":      s.listBad,
		"GET " + controlPrefix + "keys":     func(*http.Request) (any, error) { return s.keyState(), nil },
		"POST " + controlPrefix + "keys":    s.controlKeys,
		"GET " + controlPrefix + "faults":   func(*http.Request) (any, error) { return s.faults.state(), nil },
		"POST " + controlPrefix + "faults":  s.controlFaults,
		"GET " + controlPrefix + "issuer":   func(*http.Request) (any, error) { return s.issuerState(), nil },
		"POST " + controlPrefix + "issuer":  s.controlIssuer,
		"GET " + controlPrefix + "requests": func(*http.Request) (any, error) { return s.Requests(), nil },
		"GET " + controlPrefix + "counters": func(*http.Request) (any, error) { return counters{s.Fetches(), s.TokensReceived()}, nil },
	} {
		s.mux.HandleFunc(pattern, control(handle))
	}
}

// controlError is a refusal, worded as OAuth words them so that one client understands both.
type controlError struct {
	Code        string `json:"error"`
	Description string `json:"error_description"`
	status      int
}

func (e *controlError) Error() string { return e.Description }

func badControl(description string) error {
	return &controlError{Code: "invalid_request", Description: description, status: http.StatusBadRequest}
}

// control answers with what handle returns, as JSON.
func control(handle func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := guard(r)
		var answer any
		if err == nil {
			r.Body = http.MaxBytesReader(w, r.Body, maxControl)
			answer, err = handle(r)
		}
		status := http.StatusOK
		if err != nil {
			refusal, ok := errors.AsType[*controlError](err)
			if !ok {
				refusal = &controlError{Code: "server_error", Description: err.Error(), status: http.StatusInternalServerError}
			}
			answer, status = refusal, refusal.status
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(answer) // the client is gone if this fails
	}
}

// guard refuses every request that a web page has caused. Browsers send one of the two headers with all of
// them, and a page cannot set or suppress either; a content type that a form cannot have makes sure.
func guard(r *http.Request) error {
	for _, name := range []string{"Origin", "Sec-Fetch-Site"} {
		if _, found := r.Header[name]; found {
			return &controlError{Code: "access_denied", Description: "not for web pages: the request has the header " + name, status: http.StatusForbidden}
		}
	}
	if r.Method != http.MethodPost {
		return nil
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return &controlError{Code: "invalid_request", Description: "the body must be application/json", status: http.StatusUnsupportedMediaType}
	}
	return nil
}

// readControl reads one JSON object and refuses members that do not exist.
func readControl(r *http.Request, into any) error {
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return badControl("the body is not what this endpoint takes: " + err.Error())
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return badControl("something follows the JSON object")
	}
	return nil
}

// counters go on where the request log forgets its oldest entries.
type counters struct {
	Fetches int `json:"fetches"` // of the keys
	Tokens  int `json:"tokens"`  // requests that carried an access token
}

type keyState struct {
	Signing   string   `json:"signing"`
	Published []string `json:"published"`
}

// keyState names the keys, the newest published one first.
func (s *Server) keyState() keyState {
	state := keyState{Signing: s.KeyID(), Published: []string{}}
	for _, key := range s.keys.published() {
		state.Published = append([]string{key.id}, state.Published...)
	}
	return state
}

func (s *Server) controlKeys(r *http.Request) (any, error) {
	var wanted struct {
		Rotate   bool   `json:"rotate"`
		Withdraw string `json:"withdraw"`
	}
	if err := readControl(r, &wanted); err != nil {
		return nil, err
	}
	if wanted.Rotate == (wanted.Withdraw != "") {
		return nil, badControl("give either rotate or the key to withdraw")
	}
	if wanted.Rotate {
		s.Rotate()
	} else if !s.Withdraw(wanted.Withdraw) {
		return nil, badControl("no key with this id is published")
	}
	return s.keyState(), s.state.failure()
}

type faultState struct {
	Outage bool   `json:"outage"`
	Slow   string `json:"slow"`
	Hang   bool   `json:"hang"`
	Bloat  bool   `json:"bloat"`
}

func (f *faults) state() faultState {
	f.mu.Lock()
	defer f.mu.Unlock()
	return faultState{Outage: f.outage, Slow: f.delay.String(), Hang: f.hang != nil, Bloat: f.bloat}
}

// controlFaults changes the faults that are named and leaves the others.
func (s *Server) controlFaults(r *http.Request) (any, error) {
	var wanted struct {
		Outage *bool   `json:"outage"`
		Slow   *string `json:"slow"`
		Hang   *bool   `json:"hang"`
		Bloat  *bool   `json:"bloat"`
	}
	if err := readControl(r, &wanted); err != nil {
		return nil, err
	}
	if wanted.Slow != nil {
		delay, err := time.ParseDuration(*wanted.Slow)
		if err != nil || delay < 0 || delay > maxDelay {
			return nil, badControl("slow must be a duration like 2s, an hour at most")
		}
		s.Slow(delay)
	}
	for _, fault := range []struct {
		wanted *bool
		set    func(bool)
	}{{wanted.Outage, s.Outage}, {wanted.Hang, s.Hang}, {wanted.Bloat, s.Bloat}} {
		if fault.wanted != nil {
			fault.set(*fault.wanted)
		}
	}
	return s.faults.state(), nil
}

type issuerState struct {
	Form   IssuerForm `json:"form"`
	Issuer string     `json:"issuer"`
}

func (s *Server) issuerState() issuerState {
	s.mu.Lock()
	form := s.form
	s.mu.Unlock()
	return issuerState{Form: form, Issuer: s.issuerOf(form)}
}

func (s *Server) controlIssuer(r *http.Request) (any, error) {
	var wanted struct {
		Form IssuerForm `json:"form"`
	}
	if err := readControl(r, &wanted); err != nil {
		return nil, err
	}
	if err := wanted.Form.check(); err != nil {
		return nil, err
	}
	s.UseIssuer(wanted.Form)
	return s.issuerState(), nil
}

func (f IssuerForm) check() error {
	if f != EnvironmentIssuer && f != ResourceIssuer {
		return badControl("the form of the issuer must be env or resource")
	}
	return nil
}

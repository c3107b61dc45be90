package authserver

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/mcpauth/mcpauth/internal/authserver/oauth"
)

const (
	stateSchema = "mcpauth.authserver-state/v1"
	// maxState is more than what limits allow to be kept.
	maxState = 64 << 20
)

// A StateError says that the state file cannot be used. Nothing was changed.
type StateError struct {
	Path   string
	Remedy string // what to do about it, as a hint
	err    error
}

func (e *StateError) Error() string { return "reading the state file " + e.Path + ": " + e.err.Error() }
func (e *StateError) Unwrap() error { return e.err }

// state guards the file: what is written last is what is newest.
type state struct {
	mu       sync.Mutex
	restored bool
	err      error // of the last attempt to write
}

func (s *state) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// stateDocument is what the file holds. It belongs to one resource: a refresh token of another one must not
// become good by swapping files.
type stateDocument struct {
	Schema   string      `json:"schema"`
	Resource string      `json:"resource_id"`
	Keys     []storedKey `json:"keys"` // published, oldest first
	Signing  storedKey   `json:"signing_key"`
	oauth.State
}

// storedKey holds a private key as PKCS #8.
type storedKey struct {
	ID      string `json:"kid"`
	Private []byte `json:"pkcs8"`
}

// Restore reads the state file, if there is one, and from then on every change is written to it. Without a
// StateFile, and a second time, it does nothing. An error that is about the file's content is a [StateError].
func (s *Server) Restore() error {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	if s.opts.StateFile == "" || s.state.restored {
		return nil
	}
	document, err := s.readState()
	switch {
	case errors.Is(err, fs.ErrNotExist): // the first start
	case err != nil:
		return err
	default:
		if err := s.use(document); err != nil {
			return s.badState(err)
		}
	}
	s.state.restored = true
	return s.writeState()
}

func (s *Server) badState(err error) error {
	return &StateError{Path: s.opts.StateFile, err: err, Remedy: "remove it to start anew, which makes clients log in again, or name another file"}
}

func (s *Server) readState() (document stateDocument, err error) {
	file, err := os.Open(s.opts.StateFile)
	if err != nil {
		return document, fmt.Errorf("reading the state: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return document, fmt.Errorf("reading the state: %w", err)
	case !info.Mode().IsRegular():
		return document, s.badState(errors.New("it is not a regular file"))
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0: // Windows has no such bits
		return document, &StateError{Path: s.opts.StateFile, err: errors.New("others can read or write it, and it holds private keys"),
			Remedy: "chmod 600 " + s.opts.StateFile + ", or remove it if somebody may have"}
	}
	data, err := io.ReadAll(io.LimitReader(file, maxState))
	if err != nil {
		return document, fmt.Errorf("reading the state: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&document); err != nil {
		return document, s.badState(errors.New("it is not a state file, or is damaged"))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return document, s.badState(errors.New("something follows the state"))
	}
	return document, nil
}

// use takes over a state, or nothing of it.
func (s *Server) use(document stateDocument) error {
	if document.Schema != stateSchema {
		return fmt.Errorf("its schema is not %s", stateSchema)
	}
	if document.Resource != s.opts.ResourceID {
		return fmt.Errorf("it belongs to the resource %.100q, not to %s", document.Resource, s.opts.ResourceID)
	}
	signing, err := document.Signing.load()
	if err != nil {
		return err
	}
	published := make([]*signingKey, 0, len(document.Keys))
	for _, stored := range document.Keys {
		key, err := stored.load()
		if err != nil {
			return err
		}
		if key.id == signing.id {
			key = signing
		}
		published = append(published, key)
	}
	if err := s.provider.Restore(document.State); err != nil {
		return err
	}
	s.keys.mu.Lock()
	defer s.keys.mu.Unlock()
	s.keys.keys, s.keys.current = published, signing
	return nil
}

// load reads a key. It must be a sound one of the size that is generated here.
func (k storedKey) load() (*signingKey, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(k.Private)
	private, ok := parsed.(*rsa.PrivateKey)
	if err != nil || !ok || private.N.BitLen() != rsaBits || k.ID == "" {
		return nil, fmt.Errorf("a key is no RSA key of %d bits with an id", rsaBits)
	}
	return &signingKey{id: k.ID, generate: func() (*rsa.PrivateKey, error) { return private, nil }}, nil
}

func (k *signingKey) store() (storedKey, error) {
	private, err := k.generate()
	if err != nil {
		return storedKey{}, err
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	return storedKey{ID: k.id, Private: encoded}, err
}

// saveState writes the state file, once Restore has been called.
func (s *Server) saveState() error {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	if !s.state.restored {
		return nil
	}
	s.state.err = s.writeState()
	return s.state.err
}

// writeState replaces the file, so that it is never half written. The caller holds the lock of the state.
func (s *Server) writeState() (err error) {
	document := stateDocument{Schema: stateSchema, Resource: s.opts.ResourceID, Keys: []storedKey{}, State: s.provider.State()}
	if document.Signing, err = s.keys.signer().store(); err != nil {
		return fmt.Errorf("writing the state: %w", err)
	}
	for _, key := range s.keys.published() {
		stored, err := key.store()
		if err != nil {
			return fmt.Errorf("writing the state: %w", err)
		}
		document.Keys = append(document.Keys, stored)
	}
	encoded, err := json.Marshal(document)
	if err != nil {
		return fmt.Errorf("writing the state: %w", err)
	}
	if err := replaceFile(s.opts.StateFile, encoded); err != nil {
		return fmt.Errorf("writing the state: %w", err)
	}
	return nil
}

// replaceFile writes beside the file and renames. A temporary file has mode 0600 from its first moment.
func replaceFile(path string, data []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err == nil {
		err = file.Sync()
	}
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}

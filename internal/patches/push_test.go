package patches_test

import (
	"encoding/binary"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mcpauth/mcpauth/internal/contract/stand"
	"github.com/mcpauth/mcpauth/internal/run"
)

// pushing is a program with a public page that pushes another route over HTTP/2.
const pushing = `package main

import (
	"net/http"
	"os"
)

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/page", func(w http.ResponseWriter, r *http.Request) {
		if err := w.(http.Pusher).Push("/secret", &http.PushOptions{Header: r.Header}); err != nil {
			w.Write([]byte(err.Error()))
		}
	})
	mux.HandleFunc("/secret", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("the secret" + r.Header.Get("Authorization"))) })
	srv := &http.Server{Addr: os.Getenv("HOST") + ":" + os.Getenv("PORT"), Handler: mux, Protocols: new(http.Protocols)}
	srv.Protocols.SetHTTP1(true)
	srv.Protocols.SetUnencryptedHTTP2(true)
	srv.ListenAndServe()
}
`

// TestPatchedPush wants what is pushed to need a token as what is asked for does, and the program not to see it there either.
func TestPatchedPush(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string][]byte{"main.go": []byte(pushing), "go.mod": []byte("module example.com/app\n\ngo 1.25.0\n")})
	retrofit(t, dir, 0, "--protect", "all", "--public", "/page")
	binary := filepath.Join(t.TempDir(), "server.exe")
	goRun(t, dir, "build", "-o", binary, ".")
	target, err := stand.Server{Path: binary, Dir: t.TempDir(), Env: run.Environment(os.Environ(), nil), MCPPath: "/"}.Target(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	token, err := target.Issuer.Mint(nil)
	if err != nil {
		t.Fatal(err)
	}
	address := strings.Trim(strings.TrimPrefix(target.URL, "http://"), "/")
	for credential, want := range map[string]string{"": "needs an access token", "Bearer x": "not valid", "Bearer " + token: "the secret"} {
		pushed := askForPush(t, address, credential)
		if !strings.Contains(pushed, want) || want != "the secret" && strings.Contains(pushed, "the secret") || strings.Contains(pushed, token) {
			t.Errorf("with %.10q: %q is pushed, want %q", credential, pushed, want)
		}
	}
}

// Types and flags of frames, and a setting (RFC 9113 sections 6 and 6.5.2).
const (
	frameData     = 0x0
	frameHeaders  = 0x1
	frameSettings = 0x4
	endStream     = 0x1
	endHeaders    = 0x4
	enablePush    = 0x2
)

// askForPush gets /page over HTTP/2, which Go's client would ask not to push, and returns the body of what is pushed.
func askForPush(t *testing.T, address, credential string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(run.DefaultStartTimeout)); err != nil {
		t.Fatal(err)
	}
	// Of HPACK: GET and http by their numbers, and literals for the fields with these (RFC 7541 appendix A).
	fields := append([]byte{0x82, 0x86}, literal(4, "/page")...)
	fields = append(fields, literal(1, address)...)
	if credential != "" {
		fields = append(fields, literal(23, credential)...)
	}
	request := []byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
	request = append(request, newFrame(frameSettings, 0, 0, []byte{0, enablePush, 0, 0, 0, 1})...)
	request = append(request, newFrame(frameHeaders, endStream|endHeaders, 1, fields)...)
	if _, err := conn.Write(request); err != nil {
		t.Fatal(err)
	}
	var body strings.Builder
	for {
		kind, flags, stream, payload := readFrame(t, conn)
		if stream != 2 {
			continue
		}
		if kind == frameData {
			body.Write(payload)
		}
		if (kind == frameData || kind == frameHeaders) && flags&endStream != 0 {
			return body.String()
		}
	}
}

// literal is a field that is not indexed, whose name has a number below 15 or not far above, and whose value may be long.
func literal(name int, value string) []byte {
	field := []byte{byte(name)}
	if name >= 15 {
		field = []byte{15, byte(name - 15)}
	}
	if n := len(value); n < 127 {
		field = append(field, byte(n))
	} else {
		field = binary.AppendUvarint(append(field, 127), uint64(n-127))
	}
	return append(field, value...)
}

func newFrame(kind, flags byte, stream uint32, payload []byte) []byte {
	head := binary.BigEndian.AppendUint32(nil, uint32(len(payload))<<8|uint32(kind))
	return append(binary.BigEndian.AppendUint32(append(head, flags), stream), payload...)
}

func readFrame(t *testing.T, r io.Reader) (kind, flags byte, stream uint32, payload []byte) {
	t.Helper()
	head := make([]byte, 9)
	if _, err := io.ReadFull(r, head); err != nil {
		t.Fatal(err)
	}
	payload = make([]byte, binary.BigEndian.Uint32(head)>>8)
	if _, err := io.ReadFull(r, payload); err != nil {
		t.Fatal(err)
	}
	return head[3], head[4], binary.BigEndian.Uint32(head[5:]), payload
}

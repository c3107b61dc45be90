package contract

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// connection is one TCP connection to the server, for requests in pieces or with bytes that net/http
// refuses to send.
type connection struct {
	net.Conn
	target *url.URL
	reader *bufio.Reader
}

// connect opens a connection to the server that rawURL names.
func (c *client) connect(ctx context.Context, rawURL string) (*connection, error) {
	target, err := url.Parse(rawURL)
	if err != nil {
		return nil, err
	}
	address := target.Host
	if target.Port() == "" {
		address = net.JoinHostPort(target.Hostname(), map[string]string{"http": "80", "https": "443"}[target.Scheme])
	}
	conn, err := c.dial(ctx, target.Scheme, address)
	if err != nil {
		return nil, err
	}
	if err := conn.SetDeadline(time.Now().Add(requestTimeout)); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &connection{Conn: conn, target: target, reader: bufio.NewReader(conn)}, nil
}

// head is the request line and the header of r, with the body's length and without the body.
func (c *connection) head(r request) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", r.method, c.target.RequestURI(), c.target.Host)
	for _, f := range r.fields {
		fmt.Fprintf(&b, "%s: %s\r\n", f.name, f.value)
	}
	if len(r.body) > 0 {
		b.WriteString("Content-Length: " + strconv.Itoa(len(r.body)) + "\r\n")
	}
	b.WriteString("Connection: close\r\n\r\n")
	return b.String()
}

// answer reads the answer to r.
func (c *connection) answer(r request) exchange {
	e := exchange{request: r}
	response, err := http.ReadResponse(c.reader, &http.Request{Method: r.method})
	if err != nil {
		e.err = err
		return e
	}
	defer response.Body.Close()
	e.status, e.header = response.StatusCode, response.Header
	e.body, e.err = io.ReadAll(io.LimitReader(response.Body, maxResponseBody))
	return e
}

// sendRaw sends r exactly as it is, control characters included.
func (c *client) sendRaw(ctx context.Context, r request) exchange {
	if err := c.admit(r); err != nil {
		return exchange{request: r, err: err}
	}
	conn, err := c.connect(ctx, r.url)
	if err != nil {
		return exchange{request: r, err: err}
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, conn.head(r)+string(r.body)); err != nil {
		return exchange{request: r, err: err}
	}
	return conn.answer(r)
}

// partial is a request of which the server has the header and half of the body, and which it can
// therefore neither answer nor forget.
type partial struct {
	conn    *connection
	request request
	sent    int
}

// continueWait is how long a server may take to say that it wants the body. One that says nothing has
// had time to start with the request.
const continueWait = time.Second

// sendPartly returns when the server is busy with r: it has asked for the body, and got half of it.
func (c *client) sendPartly(ctx context.Context, r request) (*partial, error) {
	conn, err := c.connect(ctx, r.url)
	if err != nil {
		return nil, err
	}
	p := &partial{conn: conn, request: r, sent: len(r.body) / 2}
	if _, err := io.WriteString(conn, conn.head(r.with(field{"Expect", "100-continue"}))); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if err := conn.awaitContinue(); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if _, err := conn.Write(r.body[:p.sent]); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return p, nil
}

// awaitContinue reads 100 Continue (RFC 9110 section 10.1.1). A final answer is left to be read later.
func (c *connection) awaitContinue() error {
	const interim = "HTTP/1.1 100"
	if err := c.SetReadDeadline(time.Now().Add(continueWait)); err != nil {
		return err
	}
	start, err := c.reader.Peek(len(interim))
	if err == nil && string(start) == interim {
		for line := "-"; err == nil && strings.TrimSpace(line) != ""; {
			line, err = c.reader.ReadString('\n')
		}
	}
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	return c.SetDeadline(time.Now().Add(requestTimeout))
}

// finish sends the rest and reads the answer.
func (p *partial) finish() exchange {
	defer p.conn.Close()
	if _, err := p.conn.Write(p.request.body[p.sent:]); err != nil {
		return exchange{request: p.request, err: err}
	}
	return p.conn.answer(p.request)
}

// sendable reports whether net/http can send value in a header.
func sendable(value string) bool {
	return !strings.ContainsFunc(value, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f })
}

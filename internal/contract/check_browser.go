package contract

import (
	"context"
	"net"
	"net/url"
	"strings"
)

func checkOrigins(ctx context.Context, p *Probe) {
	token, err := p.token(nil)
	for _, origins := range few(p, 3, p.foreignOrigins()...) {
		var fields []field
		for _, origin := range origins {
			fields = append(fields, field{"Origin", origin})
		}
		requests := []request{p.initialize().with(fields...)}
		if err == nil {
			requests = append(requests, requests[0].bearer(token))
		}
		for _, r := range few(p, 1, requests...) {
			p.checkForbidden(p.send(ctx, r))
		}
	}
	for _, origin := range few(p, 1, "https://evil.example", "null", "http://localhost.evil.example") {
		e := p.send(ctx, p.preflight(origin))
		p.expect(e.header.Get("Access-Control-Allow-Origin") == "", e, "no Access-Control-Allow-Origin: this origin is not allowed")
	}
	for _, origin := range few(p, 1, p.allowedOrigins()...) {
		e := p.send(ctx, p.initialize().with(field{"Origin", origin}))
		p.expect(e.is(401), e, "401: this origin is allowed, and there is no token")
	}
	e := p.send(ctx, p.initialize())
	p.expect(e.is(401), e, "401: clients that are no browsers send no Origin")
	p.checkHosts(ctx, token, err == nil)
}

func (p *Probe) checkForbidden(e exchange) {
	if !p.expect(e.is(403), e, "403: this origin is not allowed") {
		return
	}
	p.expect(e.header.Get("Access-Control-Allow-Origin") == "", e, "no Access-Control-Allow-Origin")
}

// foreignOrigins are origins that no configuration allows. Some have two Origin headers.
func (p *Probe) foreignOrigins() [][]string {
	own := p.ownOrigin()
	host, port := "127.0.0.1", ""
	if u, err := url.Parse(own); err == nil {
		host = u.Hostname()
		if u.Port() != "" {
			port = ":" + u.Port()
		}
	}
	all := [][]string{
		{"http://evil.example"},
		{"null"},
		{"http://" + host + ".evil.example" + port},
		{"https://evil.example"},
		{"http://localhost.evil.example"},
		{"http://127.0.0.1.evil.example"},
		{"http://evil.example/" + host},
		{"http://evil.example#" + host},
		{"http://" + host + "@evil.example"},
		{own + ".evil.example"},
		{own + "@evil.example"},
		{"evil" + own},
		{"file://"},
		{"ftp://" + host + port},
		{own, "http://evil.example"},
		{"http://evil.example", own},
		{own + ", http://evil.example"},
	}
	if !p.onLoopback() {
		all = append(all, []string{"http://" + host + ":1"}, []string{"http://localhost:6274"}, []string{"http://sub." + host})
	}
	return all
}

// ownOrigin is the origin of the MCP URL as browsers write it.
func (p *Probe) ownOrigin() string { return strings.ToLower(p.origin()) }

func (p *Probe) allowedOrigins() []string {
	all := []string{p.ownOrigin()}
	if p.target.AllowedOrigin != "" {
		all = append(all, p.target.AllowedOrigin)
	}
	if p.onLoopback() {
		all = append(all, "http://localhost:6274", "http://127.0.0.1:6274")
	}
	return all
}

// onLoopback reports whether the server is reached on this machine.
func (s Site) onLoopback() bool {
	u, err := url.Parse(s.URL)
	if err != nil {
		return false
	}
	return u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()
}

func (p *Probe) checkHosts(ctx context.Context, token string, haveToken bool) {
	if !p.onLoopback() {
		return // the rule is about servers that are bound to loopback
	}
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(strings.TrimPrefix(p.origin(), "http://"), "https://"))
	for _, host := range few(p, 1,
		"evil.example", "evil.example:"+port, "localhost.evil.example:"+port, "127.0.0.1.evil.example:"+port, "192.0.2.1:"+port,
	) {
		requests := []request{p.initialize().with(field{"Host", host})}
		if haveToken {
			requests = append(requests, requests[0].bearer(token))
		}
		for _, r := range few(p, 1, requests...) {
			e := p.send(ctx, r)
			p.expect(e.is(403, 421), e, "403 or 421: this is not the server's host")
		}
	}
	for _, host := range []string{"localhost:" + port, "127.0.0.1:" + port} {
		e := p.send(ctx, p.initialize().with(field{"Host", host}))
		p.expect(e.is(401), e, "401: this is the server's host, and there is no token")
	}
}

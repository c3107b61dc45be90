package contract

import (
	"context"
	"strings"
)

// checkUnfitToken sends the caller's own token where the server must refuse it: as it is when it is not for
// this server or has expired, and with another signature when it is good.
func (p *Probe) checkUnfitToken(ctx context.Context) {
	token, note := p.target.Token, "the caller's token, which is not for this server"
	if p.scene.unfit == nil {
		token, note = otherSignature(token), "the caller's token with another signature"
	}
	if token == "" {
		return
	}
	r := p.initialize().bearer(token)
	r.note = note
	e := p.send(ctx, r)
	p.checkRefusal(e, "invalid_token")
	p.checkLeaks(e)
}

// otherSignature changes the beginning of the signature, where every bit counts. Empty for what has none.
func otherSignature(token string) string {
	at := strings.LastIndex(token, ".") + 1
	if at == 0 || at == len(token) {
		return ""
	}
	other := "A"
	if token[at] == 'A' {
		other = "B"
	}
	return token[:at] + other + token[at+1:]
}

// checkSchemes sends the caller's token only where it belongs: no log of the server's would keep it.
func (p *Probe) checkSchemes(ctx context.Context) {
	token, ok := p.mint("the scheme in lower case, and two credentials", nil)
	if !ok {
		return
	}
	e := p.send(ctx, p.initialize().hiding(token).with(field{"Authorization", "bearer " + token}))
	p.expect(e.succeeded(), e, "200: schemes are compared without regard to case")
	two := p.initialize().hiding(token).with(field{"Authorization", "Bearer " + token}, field{"Authorization", "Bearer not-a-token"})
	e = p.sendAlone(ctx, two)
	p.expect(e.is(400, 401), e, "400 or 401: more than one credential")
}

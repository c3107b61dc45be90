package auth

import (
	"context"
	"net/http"
	"slices"

	sdk "github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// CallerOf returns who sent req, nil if it did not come through Guard.Protect. It reads the token of this request,
// which a value held in a session or a context may not be.
func CallerOf(req mcp.Request) *Caller {
	extra := req.GetExtra()
	if extra == nil || extra.TokenInfo == nil {
		return nil
	}
	caller, _ := extra.TokenInfo.Extra["caller"].(*Caller)
	return caller
}

type callerKey struct{}

// verifiedToken is the SDK's form of the caller that Guard.Protect found.
// Tools get that, and not the token: they could only leak it.
func verifiedToken(ctx context.Context, _ string, r *http.Request) (*sdk.TokenInfo, error) {
	caller, ok := ctx.Value(callerKey{}).(*Caller)
	if !ok {
		return nil, sdk.ErrInvalidToken
	}
	r.Header.Del("Authorization")
	own := *caller // tools may change theirs: the verifier keeps caller for the token's next request
	own.Scopes = slices.Clone(caller.Scopes)
	return &sdk.TokenInfo{
		UserID:     own.Subject,
		Scopes:     own.Scopes,
		Expiration: own.Expires,
		Extra:      map[string]any{"caller": &own},
	}, nil
}

package auth

import (
	"context"
	"net/http"

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

// exchangeIn returns what is known of the HTTP request that req came in. Where there are sessions ctx may be that of another:
// of the request that opened the session.
func exchangeIn(ctx context.Context, req mcp.Request) *exchange {
	if extra := req.GetExtra(); extra != nil && extra.TokenInfo != nil {
		if ex, ok := extra.TokenInfo.Extra["exchange"].(*exchange); ok {
			return ex
		}
	}
	return exchangeOf(ctx)
}

// standIn takes the token's place once it is verified: the SDK's middleware wants a credential, and nobody else the token.
const standIn = "Bearer verified"

// handOver gives tools the caller that Guard.Protect found. Only the SDK's own middleware can.
func handOver(next http.Handler) http.Handler {
	next = sdk.RequireBearerToken(verifiedToken, nil)(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("Authorization", standIn)
		next.ServeHTTP(w, r)
	})
}

// verifiedToken is the SDK's form of the caller that Guard.Protect found.
func verifiedToken(ctx context.Context, _ string, r *http.Request) (*sdk.TokenInfo, error) {
	ex := exchangeOf(ctx)
	if ex == nil {
		return nil, sdk.ErrInvalidToken
	}
	r.Header.Del("Authorization")
	own := *ex.caller // a tool may change its own: the log names this one
	return &sdk.TokenInfo{
		UserID:     own.Subject,
		Scopes:     own.Scopes,
		Expiration: own.Expires.Add(leeway), // which the SDK compares with the time again
		Extra:      map[string]any{"caller": &own, "exchange": ex},
	}, nil
}

package auth

import (
	"context"
	"net/http"
	"sync/atomic"

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

// An exchange is what the layers that one HTTP request goes through know of it.
type exchange struct {
	caller   *Caller
	denial   denial
	messages atomic.Int32 // served so far
}

type exchangeKey struct{}

func exchangeOf(ctx context.Context) *exchange {
	c, _ := ctx.Value(exchangeKey{}).(*exchange)
	return c
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
		Extra:      map[string]any{"caller": &own},
	}, nil
}

package auth

import (
	"context"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func TestC17BatchIsLimited(t *testing.T) {
	t.Parallel()
	served := 0
	handler := LimitBatch(func(context.Context, string, mcp.Request) (mcp.Result, error) {
		served++
		return nil, nil
	})
	for range 2 { // each request of its own
		ctx := context.WithValue(t.Context(), exchangeKey{}, &exchange{})
		for i := range maxBatch + 10 {
			if _, err := handler(ctx, "tools/list", callOf("read", nil)); (err != nil) != (i >= maxBatch) {
				t.Errorf("message %d: got %v", i, err)
			}
		}
	}
	if served != 2*maxBatch {
		t.Errorf("served %d messages, want %d", served, 2*maxBatch)
	}
}

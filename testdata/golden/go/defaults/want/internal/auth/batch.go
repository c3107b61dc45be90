package auth

import (
	"context"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// maxBatch is how many messages of one HTTP request are served. Only the revision 2025-03-26 knows batches.
const maxBatch = 50

// LimitBatch refuses the messages of a batch from the 51st on: a request of the size that is
// accepted could hold thousands of calls.
func LimitBatch(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		growStack(0) // the SDK serves each message on a goroutine of its own
		if ex := exchangeIn(ctx, req); ex != nil && ex.messages.Add(1) > maxBatch {
			return nil, &jsonrpc.Error{Code: jsonrpc.CodeInvalidRequest, Message: "batch too long"}
		}
		return next(ctx, method, req)
	}
}

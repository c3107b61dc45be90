package auth

import (
	"context"
	"slices"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// ToolScopes names the scopes that a caller must have for each tool, all of them.
// A tool that is not named needs a valid token and no scope.
type ToolScopes map[string][]string

// RequireScopes refuses calls of tools whose scopes the caller lacks. It works on the parsed request, so that
// batches and bodies with doubled keys cannot get around it. Guard.Protect turns the refusal into HTTP 403.
func RequireScopes(needs ToolScopes) mcp.Middleware {
	return func(next mcp.MethodHandler) mcp.MethodHandler {
		return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
			call, ok := req.GetParams().(*mcp.CallToolParamsRaw)
			if !ok || allowed(req, needs[call.Name]) {
				return next(ctx, method, req)
			}
			if ex := exchangeIn(ctx, req); ex != nil {
				ex.denial.record(needs[call.Name])
			}
			return nil, &jsonrpc.Error{Code: codeForbidden, Message: "insufficient scope"}
		}
	}
}

const codeForbidden = -32003 // of the range that JSON-RPC leaves to servers

func allowed(req mcp.Request, needs []string) bool {
	caller := CallerOf(req)
	return caller != nil && !slices.ContainsFunc(needs, func(s string) bool { return !slices.Contains(caller.Scopes, s) })
}

package tools

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func TestPanicIsAnError(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	handler := recoverPanics(slog.New(slog.NewJSONHandler(&log, nil)))(
		func(context.Context, string, mcp.Request) (mcp.Result, error) { panic("input of the caller") })
	_, err := handler(t.Context(), "tools/call", nil)
	var coded *jsonrpc.Error
	if !errors.As(err, &coded) || coded.Code != jsonrpc.CodeInternalError {
		t.Errorf("got %v", err)
	}
	if !strings.Contains(log.String(), "panics_test.go") || strings.Contains(log.String(), "input of the caller") {
		t.Errorf("the log does not say where, or says too much: %s", &log)
	}
}

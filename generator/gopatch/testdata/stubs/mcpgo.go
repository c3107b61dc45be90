package server

import "net/http"

type (
	MCPServer            struct{}
	StdioOption          func()
	SSEOption            func(*SSEServer)
	StreamableHTTPOption func(*StreamableHTTPServer)
	SSEServer            struct{}
	StreamableHTTPServer struct{}
)

func NewMCPServer(name, version string) *MCPServer { return nil }

func NewStdioServer(*MCPServer) any { return nil }

func ServeStdio(*MCPServer, ...StdioOption) error { return nil }

func NewSSEServer(*MCPServer, ...SSEOption) *SSEServer { return nil }

func NewStreamableHTTPServer(*MCPServer, ...StreamableHTTPOption) *StreamableHTTPServer { return nil }

func WithEndpointPath(string) StreamableHTTPOption                         { return nil }
func WithStreamableHTTPServer(*http.Server) StreamableHTTPOption           { return nil }
func WithHTTPServer(*http.Server) SSEOption                                { return nil }
func WithHTTPContextFunc(any) StreamableHTTPOption                         { return nil }
func WithStateLess(bool) StreamableHTTPOption                              { return nil }
func WithSSEEndpoint(string) SSEOption                                     { return nil }
func WithMessageEndpoint(string) SSEOption                                 { return nil }
func WithStaticBasePath(string) SSEOption                                  { return nil }
func WithProtectedResourceMetadata(any) StreamableHTTPOption               { return nil }
func (*SSEServer) ServeHTTP(http.ResponseWriter, *http.Request)            {}
func (*SSEServer) SSEHandler() http.Handler                                { return nil }
func (*SSEServer) MessageHandler() http.Handler                            { return nil }
func (*SSEServer) Start(string) error                                      { return nil }
func (*StreamableHTTPServer) ServeHTTP(http.ResponseWriter, *http.Request) {}
func (*StreamableHTTPServer) Start(string) error                           { return nil }

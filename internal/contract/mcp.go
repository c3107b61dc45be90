package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
)

// The revisions of MCP that a server has to serve. stateless is the first without initialize.
const (
	revision2025March    = "2025-03-26"
	revision2025June     = "2025-06-18"
	revision2025November = "2025-11-25"
	stateless            = "2026-07-28"
)

// Codes of JSON-RPC errors, MCP 2026-07-28.
const (
	codeHeaderMismatch     = -32020
	codeUnsupportedVersion = -32022
)

// Names of the members of _meta, MCP 2026-07-28.
const (
	metaVersion      = "io.modelcontextprotocol/protocolVersion"
	metaCapabilities = "io.modelcontextprotocol/clientCapabilities"
	metaClient       = "io.modelcontextprotocol/clientInfo"
)

const jsonRPC = "2.0"

func clientInfo() map[string]any { return map[string]any{"name": "mcpauth", "version": "1"} }

// message is a JSON-RPC request. Members are written in the order of the struct.
type message struct {
	Version string         `json:"jsonrpc"`
	ID      int            `json:"id"`
	Method  string         `json:"method"`
	Params  map[string]any `json:"params"`
}

// encode writes what is JSON by construction.
func encode(value any) []byte {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("a request of the contract has no JSON form: %v", err))
	}
	return encoded
}

// post is a POST of body to the MCP URL as an MCP client of any revision sends it.
func (s Site) post(body []byte) request {
	return request{method: "POST", url: s.URL, body: body, fields: []field{
		{"Content-Type", "application/json"},
		{"Accept", "application/json, text/event-stream"},
	}}
}

// initialize is the one request that every server with a handshake answers, sessions or not.
func (s Site) initialize() request {
	return s.initializeAt(revision2025November)
}

func (s Site) initializeAt(revision string) request {
	return s.post(encode(message{jsonRPC, 1, "initialize", map[string]any{
		"protocolVersion": revision, "capabilities": map[string]any{}, "clientInfo": clientInfo(),
	}}))
}

// rpc is a JSON-RPC request in the form of one revision.
func (s Site) rpc(revision, method string, params map[string]any) request {
	params = maps.Clone(params)
	if params == nil {
		params = map[string]any{}
	}
	if revision < stateless {
		r := s.post(encode(message{jsonRPC, 2, method, params}))
		if revision == revision2025March {
			return r // which knew no header
		}
		return r.with(field{"MCP-Protocol-Version", revision})
	}
	params["_meta"] = map[string]any{metaVersion: revision, metaCapabilities: map[string]any{}, metaClient: clientInfo()}
	r := s.post(encode(message{jsonRPC, 2, method, params}))
	r = r.with(field{"MCP-Protocol-Version", revision}, field{"Mcp-Method", method})
	if name, ok := params["name"].(string); ok {
		r = r.with(field{"Mcp-Name", name})
	}
	return r
}

// call is a tools/call in the form of one revision.
func (s Site) call(revision string, tool Tool) request {
	return s.rpc(revision, "tools/call", map[string]any{"name": tool.Name, "arguments": tool.arguments()})
}

func (t Tool) arguments() map[string]any {
	if t.Arguments == nil {
		return map[string]any{}
	}
	return t.Arguments
}

// reply is a JSON-RPC response.
type reply struct {
	ID     json.RawMessage `json:"id"`
	Result json.RawMessage `json:"result"`
	Error  *rpcError       `json:"error"`
}

type rpcError struct {
	Code    int             `json:"code"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data"`
}

// replies reads every JSON-RPC response in an answer: one object, a batch, or an event stream.
func (e exchange) replies() ([]reply, error) {
	if e.err != nil {
		return nil, e.err
	}
	if !e.isStream() {
		return decodeReplies(e.body)
	}
	var all []reply
	for event := range bytes.SplitSeq(bytes.ReplaceAll(e.body, []byte("\r\n"), []byte("\n")), []byte("\n\n")) {
		var data []byte
		for line := range bytes.SplitSeq(event, []byte("\n")) {
			if rest, found := bytes.CutPrefix(line, []byte("data:")); found {
				data = append(data, rest...)
			}
		}
		if len(bytes.TrimSpace(data)) == 0 {
			continue
		}
		found, err := decodeReplies(data)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

func (e exchange) isStream() bool {
	return strings.HasPrefix(e.header.Get("Content-Type"), "text/event-stream")
}

func decodeReplies(data []byte) ([]reply, error) {
	data = bytes.TrimSpace(data)
	var all []reply
	if bytes.HasPrefix(data, []byte("[")) {
		err := json.Unmarshal(data, &all)
		return all, err
	}
	var one reply
	if err := json.Unmarshal(data, &one); err != nil {
		return nil, err
	}
	if one.Result == nil && one.Error == nil {
		return nil, nil // a request or a notification of the server's
	}
	return []reply{one}, nil
}

var errNoReply = errors.New("no JSON-RPC response in the answer")

// reply returns the only JSON-RPC response in the answer.
func (e exchange) reply() (reply, error) {
	all, err := e.replies()
	if err != nil {
		return reply{}, err
	}
	if len(all) != 1 {
		return reply{}, errNoReply
	}
	return all[0], nil
}

// succeeded reports whether the answer is 200 with a JSON-RPC result that is no error of a tool.
func (e exchange) succeeded() bool {
	if !e.is(200) {
		return false
	}
	r, err := e.reply()
	return err == nil && r.succeeded()
}

func (r reply) succeeded() bool {
	if r.Error != nil || r.Result == nil {
		return false
	}
	var result struct {
		IsError bool `json:"isError"`
	}
	return json.Unmarshal(r.Result, &result) == nil && !result.IsError
}

package contract

import (
	"fmt"
	"strings"
)

// evasion is a call of the scoped tool, written so that a check on the raw body may not see it.
type evasion struct {
	name    string
	request request
	kind    evasionKind
}

type evasionKind int

const (
	// certain is a call that means the scoped tool beyond doubt, and nothing else.
	certain evasionKind = iota
	// mixed is such a call among others, whose answers may be on their way before it is looked at.
	mixed
	// ambiguous is a call in which a name appears twice, of which a server may take either.
	ambiguous
)

// evasions are written by hand: no encoder would produce them.
func (p *Probe) evasions(tool Tool) []evasion {
	name, arguments := string(encode(tool.Name)), string(encode(tool.arguments()))
	other := `"contract-no-such-tool"`
	if p.scene.public != nil {
		other = string(encode(p.scene.public.Name))
	}
	params := func(members string) string { return `{` + members + `,"arguments":` + arguments + `}` }
	call := func(members string) string { return `{"jsonrpc":"2.0","id":1,` + members + `}` }
	scoped, decoy := params(`"name":`+name), params(`"name":`+other)
	plain := call(`"method":"tools/call","params":` + scoped)
	list := `{"jsonrpc":"2.0","id":2,"method":"tools/list","params":{}}`
	second := `{"jsonrpc":"2.0","id":3,"method":"tools/call","params":` + string(encode(p.decoy())) + `}`
	written := map[evasionKind][][2]string{certain: {
		{"a batch of one", "[" + plain + "]"},
		{"METHOD after method", call(`"method":"tools/call","params":` + scoped + `,"METHOD":"tools/list"`)},
		{"METHOD before method", call(`"METHOD":"tools/list","method":"tools/call","params":` + scoped)},
		{"Method after method", call(`"method":"tools/call","params":` + scoped + `,"Method":"ping"`)},
		{"NAME after name", call(`"method":"tools/call","params":` + params(`"name":`+name+`,"NAME":`+other))},
		{"NAME before name", call(`"method":"tools/call","params":` + params(`"NAME":`+other+`,"name":`+name))},
		{"PARAMS after params", call(`"method":"tools/call","params":` + scoped + `,"PARAMS":` + decoy)},
		{"PARAMS before params", call(`"method":"tools/call","PARAMS":` + decoy + `,"params":` + scoped)},
		{"name written with an escape", call(`"method":"tools/call","params":` + params(`"n\u0061me":`+name))},
		{"method written with an escape", call(`"method":"tools\u002fcall","params":` + scoped)},
		{"white space before the body", "\r\n\t " + plain},
	}, mixed: {
		{"a batch after tools/list", "[" + list + "," + plain + "]"},
		{"a batch before tools/list", "[" + plain + "," + list + "]"},
		{"a batch after another tool", "[" + second + "," + plain + "]"},
		{"a batch before another tool", "[" + plain + "," + second + "]"},
	}, ambiguous: {
		{"name twice, the scoped tool last", call(`"method":"tools/call","params":` + params(`"name":`+other+`,"name":`+name))},
		{"name twice, the scoped tool first", call(`"method":"tools/call","params":` + params(`"name":`+name+`,"name":`+other))},
		{"method twice, tools/call last", call(`"method":"tools/list","method":"tools/call","params":` + scoped)},
		{"method twice, tools/call first", call(`"method":"tools/call","method":"tools/list","params":` + scoped)},
		{"params twice, the scoped tool last", call(`"method":"tools/call","params":` + decoy + `,"params":` + scoped)},
		{"params twice, the scoped tool first", call(`"method":"tools/call","params":` + scoped + `,"params":` + decoy)},
		{"only NAME names the scoped tool", call(`"method":"tools/call","params":` + params(`"name":`+other+`,"NAME":`+name))},
		{"only PARAMS name the scoped tool", call(`"method":"tools/call","params":` + decoy + `,"PARAMS":` + scoped)},
		{"only METHOD calls", call(`"method":"tools/list","METHOD":"tools/call","params":` + scoped)},
		{"the name in upper case", call(`"method":"tools/call","params":` + params(`"name":`+strings.ToUpper(name)))},
		{"a space after the name", call(`"method":"tools/call","params":` + params(`"name":`+strings.TrimSuffix(name, `"`)+` "`))},
	}}
	all := p.lyingHeaders(tool)
	for _, kind := range []evasionKind{certain, mixed, ambiguous} {
		for _, e := range written[kind] {
			all = append(all, evasion{e[0], p.post([]byte(e[1])), kind})
		}
	}
	return all
}

// decoy are the params of a call that needs no scope.
func (p *Probe) decoy() map[string]any {
	if p.scene.public == nil {
		return map[string]any{"name": "contract-no-such-tool"}
	}
	return map[string]any{"name": p.scene.public.Name, "arguments": p.scene.public.arguments()}
}

// lyingHeaders name another tool or another method in the headers that 2026-07-28 introduced. Older
// revisions do not know them and must not believe them.
func (p *Probe) lyingHeaders(tool Tool) []evasion {
	other := "contract-no-such-tool"
	if p.scene.public != nil {
		other = p.scene.public.Name
	}
	var all []evasion
	for _, revision := range []string{revision2025March, revision2025November, stateless} {
		for _, lie := range []field{{"Mcp-Name", other}, {"Mcp-Method", "tools/list"}} {
			r := p.call(revision, tool).without(lie.name).with(lie)
			all = append(all, evasion{fmt.Sprintf("%s: %s at %s", lie.name, lie.value, revision), r, certain})
		}
	}
	return all
}

// without returns a copy of the request without one header.
func (r request) without(name string) request {
	kept := make([]field, 0, len(r.fields))
	for _, f := range r.fields {
		if !strings.EqualFold(f.name, name) {
			kept = append(kept, f)
		}
	}
	r.fields = kept
	return r
}

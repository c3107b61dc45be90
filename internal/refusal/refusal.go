// Package refusal holds why programs are not patched: the codes, what they mean, and what to do.
package refusal

// Codes of refusals. They are stable: scripts rely on them.
const (
	CodeNone      = "RF-NONE"
	CodeMain      = "RF-MAIN"
	CodeModule    = "RF-MODULE"
	CodeMulti     = "RF-MULTI"
	CodeDecoy     = "RF-DECOY"
	CodeFramework = "RF-FRAMEWORK"
	CodeFastHTTP  = "RF-FASTHTTP"
	CodeShape     = "RF-SHAPE"
	CodeGenerated = "RF-GENERATED"
	CodeCgo       = "RF-CGO"
	CodeTags      = "RF-TAGS"
	CodeRoute     = "RF-ROUTE"
	CodeMCP       = "RF-MCP"
	CodePath      = "RF-PATH"
	CodeAuth      = "RF-AUTH"
	CodeBuild     = "RF-BUILD"
	CodeVersion   = "RF-GOVER"
	CodeUpgrade   = "RF-UPGRADE"
	CodeVendor    = "RF-VENDOR"
	CodeWork      = "RF-WORK"
	CodeConfig    = "RF-CONFIG"
	CodeDirty     = "RF-DIRTY"
	CodePlan      = "RF-PLAN"
	CodeMoved     = "RF-MOVED"
	CodeUndo      = "RF-UNDO"
)

// A Kind is what the refusals with one code have in common.
type Kind struct {
	Code    string
	Meaning string
	Remedy  string
}

// Kinds is the catalogue of refusals, which mcpauth help refusals prints.
func Kinds() []Kind {
	return []Kind{
		{CodeNone, "nothing in the program serves HTTP where it can be seen, the file creates no application, or neither is at the line that --server names", "name a program that serves, or one of the listed lines"},
		{CodeMain, "the package is not a program", "name the directory of a package main"},
		{CodeModule, "the program serves in another module, behind a replace directive or in the same workspace", "serve in the program's own module, or have the other module take a handler from it"},
		{CodeMulti, "the program has several servers, or creates several applications", "choose one of the list with --server FILE:LINE"},
		{CodeDecoy, "what the program serves is for operators: metrics, pprof, a redirect", "--server FILE:LINE puts MCP there all the same"},
		{CodeFramework, "a version of a framework does more where it serves than can be kept", "upgrade it as shown"},
		{CodeFastHTTP, "fasthttp serves, without a framework: there is no handler of net/http", "give the endpoint a server of its own, as shown"},
		{CodeShape, "the handler is set, or the application created, in a way that no change of one line fits", "change the code as shown, and run this again"},
		{CodeGenerated, "the server is in a generated file, where a change would be lost", "serve from a file of your own, or change what the file is generated from"},
		{CodeCgo, "the server is in a file that cgo or another tool rewrites before it is compiled", "serve from a file without it"},
		{CodeTags, "the server is in a file that this build leaves out", "build with its tags, GOOS and GOARCH: the go command's settings count here too"},
		{CodeRoute, "a path that the endpoint needs is registered already: a second registration would panic at start, or be shadowed", "choose another path with --mcp-path"},
		{CodeMCP, "the program answers MCP by itself, and where it serves this cannot be seen, or is not what was chosen", "choose its server with --server FILE:LINE, or serve MCP where net/http is called"},
		{CodePath, "the path at which the program answers MCP is a flag, computed, or one of several", "name the one that clients use with --mcp-path"},
		{CodeAuth, "the program has authorization of its own, which ours would contradict", "keep it; to have ours beside logins of people, choose the server with --server FILE:LINE"},
		{CodeBuild, "the code does not build, or is no program of its language, as it is", "mend the first error that is named"},
		{CodeVersion, "the code needs a newer Go than the go command here", "install that Go, or let the go command fetch it: GOTOOLCHAIN=auto"},
		{CodeUpgrade, "the go line or a direct dependency of go.mod would move, or versions that a project asks for", "--allow-upgrades lets them"},
		{CodeVendor, "a file in vendor/ that would change is not what go mod vendor makes it, or go.mod not what that takes", "run go mod tidy and go mod vendor first, or take vendor/ away and put it back after this"},
		{CodeWork, "the workspace does not allow the change: its go line is older than the module's would be, or it is vendored", "move its go line with go work edit -go=VERSION, or run go work vendor after this"},
		{CodeConfig, "the program does not start for --verify: it lacks settings, or something else that it runs with", "give it what it needs with --run-env and --run-arg, or leave out --verify"},
		{CodeDirty, "git shows changes in the module that are not committed: ours would mix with them", "commit or stash them, or use --allow-dirty"},
		{CodePlan, "the file is no plan of this version, or was changed after it was written", "make the plan again: mcpauth retrofit TARGET --plan FILE"},
		{CodeMoved, "files have changed since the plan was made", "make the plan again: mcpauth retrofit TARGET --plan FILE"},
		{CodeUndo, "the module would not build without the patch, because of what was written since", "change that first, or take the patch back with git"},
	}
}

// Remedy returns what to do about refusals with the code; empty for a code that there is not.
func Remedy(code string) string {
	for _, k := range Kinds() {
		if k.Code == code {
			return k.Remedy
		}
	}
	return ""
}

// A Refusal says why a program is not patched. Nothing was written.
type Refusal struct {
	Code     string
	Position string // file:line, relative to the module; empty where no line is to blame
	Reason   string
	ByHand   []string // what to write instead, or what to choose from; may be empty
}

// Error is the refusal without what to do by hand.
func (r *Refusal) Error() string {
	if r.Position == "" {
		return r.Code + ": " + r.Reason
	}
	return r.Code + ": " + r.Position + ": " + r.Reason
}

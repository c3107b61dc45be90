// Package interop holds no code, only tests of the rendered servers and of the local authorization server with software that is not
// ours: the clients of the TypeScript and Python SDKs, the MCP Inspector, the official conformance tool, and Chromium. Every client
// logs in to a server of every stack.
//
// It needs npm, Python 3.11 or newer, Chromium, what the stacks need, and Node.js 22.19 or newer where npm has none for the machine (it
// has one for Linux on x86-64). Where one is missing the tests that need it are skipped, and say what was not run and how to get it;
// with CI=true they fail. The first run installs what the lock files in testdata/interop name into the user's cache directory; later
// ones need no network.
//
// MCPAUTH_PICTURES names a directory in which the pictures of the consent page are kept:
//
//	MCPAUTH_PICTURES=/tmp/pictures go test ./internal/interop -run Interop/Consent
package interop

// Package interop holds no code, only tests of the local authorization server with software that is not ours: the clients of
// both TypeScript SDKs, the MCP Inspector, the official conformance tool, and Chromium.
//
// It needs npm and Chromium, and Node.js 22.19 or newer where npm has none for the machine (it has one for Linux on x86-64). Where
// one is missing the tests are skipped, and say what was not run and how to get it; with CI=true they fail. The first run installs
// what testdata/interop/package-lock.json names into the user's cache directory; later ones need no network.
//
// MCPAUTH_PICTURES names a directory in which the pictures of the consent page are kept:
//
//	MCPAUTH_PICTURES=/tmp/pictures go test ./internal/interop -run Interop/Consent
package interop

// Package release holds no code, only tests of how mcpauth is released: of .goreleaser.yaml, of the workflows, and of
// the files of a release that was built.
//
// The six targets are compiled where a release is tried out (bash .ci/run snapshot) and not by go test ./...: on a new
// machine that would compile the standard library five more times. What was built there is then checked with
//
//	go test ./internal/release -run TestDist -args -dist "$PWD/dist/release"
package release

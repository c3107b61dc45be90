// Package buildinfo tells which mcpauth this is.
package buildinfo

import "runtime/debug"

// version is set by the release build with -ldflags -X.
var version string

// Version returns the released version, that of the module when go install built it, or "devel".
func Version() string {
	info, _ := debug.ReadBuildInfo()
	return choose(version, info)
}

// choose prefers what the linker stamped over what the go command recorded; info may be nil.
func choose(stamped string, info *debug.BuildInfo) string {
	if stamped != "" {
		return stamped
	}
	if info != nil && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

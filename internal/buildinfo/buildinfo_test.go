package buildinfo

import (
	"runtime/debug"
	"testing"
)

func TestChoose(t *testing.T) {
	t.Parallel()
	recorded := func(version string) *debug.BuildInfo {
		return &debug.BuildInfo{Main: debug.Module{Version: version}}
	}
	for _, c := range []struct {
		name    string
		stamped string
		info    *debug.BuildInfo
		want    string
	}{
		{"a release", "v1.2.3", recorded("(devel)"), "v1.2.3"},
		{"a release of a module that go install knows", "v1.2.3", recorded("v1.2.2"), "v1.2.3"},
		{"go install", "", recorded("v1.2.3"), "v1.2.3"},
		{"go build in a checkout without history", "", recorded("(devel)"), "devel"},
		{"a test", "", recorded(""), "devel"},
		{"no build information", "", nil, "devel"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := choose(c.stamped, c.info); got != c.want {
				t.Errorf("choose(%q, %v) = %q, want %q", c.stamped, c.info, got, c.want)
			}
		})
	}
}

func TestVersionIsNeverEmpty(t *testing.T) {
	t.Parallel()
	if Version() == "" {
		t.Error("Version() is empty")
	}
}

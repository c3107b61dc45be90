package release

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

var distFlag = flag.String("dist", "", "directory with a release to check, absolute")

// TestDist checks the release in the directory that -dist names. Without -dist there is none to check.
func TestDist(t *testing.T) {
	if *distFlag == "" {
		t.Skip("no -dist, so no release to check")
	}
	d := openDist(t, *distFlag)
	targets := readConfig(t).Builds[0].targets()
	t.Run("checksums", func(t *testing.T) { d.checkChecksums(t, targets) })
	for _, target := range targets {
		system, arch, _ := strings.Cut(target, "/")
		t.Run(target, func(t *testing.T) { d.checkTarget(t, system, arch) })
	}
}

// A dist is a directory with the files of one release.
type dist struct {
	dir     string
	version string
}

func openDist(t *testing.T, dir string) dist {
	t.Helper()
	d := dist{dir: dir}
	var metadata struct{ Version string }
	if err := json.Unmarshal(d.read(t, "metadata.json"), &metadata); err != nil {
		t.Fatal(err)
	}
	if metadata.Version == "" {
		t.Fatal("metadata.json names no version")
	}
	d.version = metadata.Version
	return d
}

func (d dist) read(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(d.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// archive is the name of the archive for a target.
func (d dist) archive(system, arch string) string {
	extension := "tar.gz"
	if system == "windows" {
		extension = "zip"
	}
	return fmt.Sprintf("mcpauth_%s_%s_%s.%s", d.version, system, arch, extension)
}

func (d dist) checkChecksums(t *testing.T, targets []string) {
	var want []string
	for _, target := range targets {
		system, arch, _ := strings.Cut(target, "/")
		for _, name := range []string{d.archive(system, arch), d.archive(system, arch) + ".spdx.json"} {
			sum := sha256.Sum256(d.read(t, name))
			want = append(want, hex.EncodeToString(sum[:])+"  "+name)
		}
	}
	got := strings.Split(strings.TrimSpace(string(d.read(t, "checksums.txt"))), "\n")
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("checksums.txt:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func (d dist) checkTarget(t *testing.T, system, arch string) {
	name := d.archive(system, arch)
	entries := unpack(t, name, d.read(t, name))
	binary := "mcpauth"
	if system == "windows" {
		binary += ".exe"
	}
	checkEntries(t, entries, binary)
	info, err := buildinfo.Read(bytes.NewReader(entries[binary].content))
	if err != nil {
		t.Fatalf("reading the build information of %s: %v", binary, err)
	}
	checkSettings(t, info, system, arch)
	checkBill(t, d.read(t, name+".spdx.json"), info)
	if system == runtime.GOOS && arch == runtime.GOARCH {
		d.checkVersion(t, entries[binary].content)
	}
}

// checkEntries wants exactly the files of a release, none of them empty, all of one time and with the modes of .goreleaser.yaml.
func checkEntries(t *testing.T, entries map[string]entry, binary string) {
	t.Helper()
	want := []string{"CHANGELOG.md", "README.md", "completions/_mcpauth", "completions/mcpauth.bash",
		"completions/mcpauth.fish", "completions/mcpauth.ps1", binary}
	if _, err := os.Stat(filepath.Join(root, "LICENSE")); err == nil {
		want = append(want, "LICENSE")
	}
	for _, name := range want {
		e, ok := entries[name]
		if !ok || len(e.content) == 0 {
			t.Errorf("no %s, or an empty one", name)
			continue
		}
		mode := os.FileMode(0o644)
		if name == binary {
			mode = 0o755
		}
		if e.mode != mode || !e.modified.Equal(entries[binary].modified) {
			t.Errorf("%s: mode %v, modified %v; want %v and the time of %s, %v", name, e.mode, e.modified, mode, binary, entries[binary].modified)
		}
	}
	for name := range entries {
		if !slices.Contains(want, name) {
			t.Errorf("unexpected %s", name)
		}
	}
}

func checkSettings(t *testing.T, info *debug.BuildInfo, system, arch string) {
	t.Helper()
	got := map[string]string{}
	for _, s := range info.Settings {
		got[s.Key] = s.Value
	}
	for key, want := range map[string]string{"GOOS": system, "GOARCH": arch, "CGO_ENABLED": "0", "-trimpath": "true"} {
		if got[key] != want {
			t.Errorf("built with %s=%q, want %q", key, got[key], want)
		}
	}
}

// checkBill wants every module that was linked into the binary in its bill of materials, at the same version.
func checkBill(t *testing.T, document []byte, info *debug.BuildInfo) {
	t.Helper()
	var bill struct {
		Version  string `json:"spdxVersion"`
		Packages []struct {
			Name    string `json:"name"`
			Version string `json:"versionInfo"`
		} `json:"packages"`
	}
	if err := json.Unmarshal(document, &bill); err != nil {
		t.Fatalf("parsing the bill of materials: %v", err)
	}
	if bill.Version != "SPDX-2.3" {
		t.Errorf("spdxVersion = %q, want SPDX-2.3", bill.Version)
	}
	listed := map[string]bool{}
	for _, p := range bill.Packages {
		listed[p.Name+" "+p.Version] = true
	}
	for _, m := range append(info.Deps, &debug.Module{Path: "stdlib", Version: info.GoVersion}) {
		if !listed[m.Path+" "+m.Version] {
			t.Errorf("the bill of materials lacks %s %s", m.Path, m.Version)
		}
	}
}

func (d dist) checkVersion(t *testing.T, binary []byte) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "mcpauth")
	if err := os.WriteFile(program, binary, 0o700); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), program, "version").CombinedOutput()
	if want := "mcpauth v" + d.version + "\n"; err != nil || string(out) != want {
		t.Errorf("mcpauth version: %q, %v; want %q", out, err, want)
	}
}

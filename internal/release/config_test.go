package release

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// root is the top of the repository, seen from this package.
const root = "../.."

// module is the path that the packages below root have in front.
const module = "github.com/mcpauth/mcpauth"

// A config is the part of .goreleaser.yaml that these tests are about.
type config struct {
	Dist   string  `yaml:"dist"`
	Builds []build `yaml:"builds"`
}

type build struct {
	Main    string   `yaml:"main"`
	Env     []string `yaml:"env"`
	OS      []string `yaml:"goos"`
	Arch    []string `yaml:"goarch"`
	Flags   []string `yaml:"flags"`
	Linking []string `yaml:"ldflags"`
	ModTime string   `yaml:"mod_timestamp"`
}

// targets lists what the build makes, as GOOS/GOARCH.
func (b build) targets() []string {
	var all []string
	for _, system := range b.OS {
		for _, arch := range b.Arch {
			all = append(all, system+"/"+arch)
		}
	}
	slices.Sort(all)
	return all
}

func readConfig(t *testing.T) config {
	t.Helper()
	var c config
	if err := yaml.Unmarshal(read(t, ".goreleaser.yaml"), &c); err != nil {
		t.Fatalf("parsing .goreleaser.yaml: %v", err)
	}
	if len(c.Builds) != 1 {
		t.Fatalf(".goreleaser.yaml has %d builds, want 1", len(c.Builds))
	}
	return c
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestTargets(t *testing.T) {
	t.Parallel()
	want := []string{"darwin/amd64", "darwin/arm64", "linux/amd64", "linux/arm64", "windows/amd64", "windows/arm64"}
	if got := readConfig(t).Builds[0].targets(); !slices.Equal(got, want) {
		t.Errorf("targets = %v, want %v", got, want)
	}
}

func TestBuildIsStaticAndReproducible(t *testing.T) {
	t.Parallel()
	b := readConfig(t).Builds[0]
	if !slices.Contains(b.Env, "CGO_ENABLED=0") {
		t.Errorf("env = %q, want CGO_ENABLED=0 in it", b.Env)
	}
	if !slices.Contains(b.Flags, "-trimpath") {
		t.Errorf("flags = %q, want -trimpath in it", b.Flags)
	}
	if want := "{{ .CommitTimestamp }}"; b.ModTime != want {
		t.Errorf("mod_timestamp = %q, want %q", b.ModTime, want)
	}
}

func TestMainIsACommand(t *testing.T) {
	t.Parallel()
	if name := parsePackage(t, readConfig(t).Builds[0].Main).Name.Name; name != "main" {
		t.Errorf("package %s, want main", name)
	}
}

// The linker says nothing when -X names a variable that there is not, or one that is no plain string.
func TestStampedVariablesExist(t *testing.T) {
	t.Parallel()
	stamps := 0
	for _, flag := range readConfig(t).Builds[0].Linking {
		stamp, ok := strings.CutPrefix(flag, "-X ")
		if !ok {
			continue
		}
		stamps++
		variable, _, _ := strings.Cut(stamp, "=")
		dot := strings.LastIndex(variable, ".")
		dir, ok := strings.CutPrefix(variable[:dot], module+"/")
		if !ok {
			t.Fatalf("ldflags %q: not a package of %s", flag, module)
		}
		if !declaresString(parsePackage(t, dir), variable[dot+1:]) {
			t.Errorf("ldflags %q: %s declares no such string variable without a value", flag, dir)
		}
	}
	if stamps == 0 {
		t.Error("the build stamps no version")
	}
}

// parsePackage returns the package in dir as one file: tests left out, all declarations together.
func parsePackage(t *testing.T, dir string) *ast.File {
	t.Helper()
	sources, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(dir), "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	all := &ast.File{}
	for _, source := range sources {
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), source, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		all.Name = file.Name
		all.Decls = append(all.Decls, file.Decls...)
	}
	if all.Name == nil {
		t.Fatalf("%s holds no Go package", dir)
	}
	return all
}

// declaresString reports whether file has "var name string" on its own or in a group, with no value.
func declaresString(file *ast.File, name string) bool {
	for _, decl := range file.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != token.VAR {
			continue
		}
		for _, spec := range group.Specs {
			value := spec.(*ast.ValueSpec)
			kind, ok := value.Type.(*ast.Ident)
			named := slices.ContainsFunc(value.Names, func(id *ast.Ident) bool { return id.Name == name })
			if named && ok && kind.Name == "string" && value.Values == nil {
				return true
			}
		}
	}
	return false
}

func TestDistIsIgnoredByGit(t *testing.T) {
	t.Parallel()
	top, _, _ := strings.Cut(readConfig(t).Dist, "/")
	if lines := strings.Fields(string(read(t, ".gitignore"))); !slices.Contains(lines, "/"+top+"/") {
		t.Errorf(".gitignore has %q, but releases are built in %s", lines, top)
	}
}

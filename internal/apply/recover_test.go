package apply

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// interrupt leaves dir as a Modify does that was killed before its nth change.
func interrupt(t *testing.T, dir string, n, pid int) {
	t.Helper()
	s := saboteur{at: n, dead: true, do: die}
	if _, err := newTransaction(t.Context(), s.system(pid), patch(), secrets(), nil).modify(dir); !errors.Is(err, errDead) {
		t.Fatalf("error %v, want the death", err)
	}
	if _, err := os.Stat(filepath.Join(dir, journalName)); err != nil {
		t.Fatalf("no journal after an interruption at %s", s.ops[n-1])
	}
}

const (
	midway = 35 // a change of patch between the first and the last file
	gone   = 99999999
)

func TestRecover(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plantPatched(t, dir)
	before := tree(t, dir)
	if recovered, err := Recover(dir); recovered || err != nil {
		t.Errorf("Recover = %v, %v without a journal, want false", recovered, err)
	}
	interrupt(t, dir, midway, gone)
	_, err := Modify(t.Context(), dir, patch(), nil, nil)
	wantRefused(t, err, Unfinished)
	if s, err := Inspect(dir, patch(), nil); err != nil || !s.Journal || s.Empty || s.Identical {
		t.Errorf("Inspect = %+v, %v, want a journal", s, err)
	}
	if recovered, err := Recover(dir); !recovered || err != nil {
		t.Errorf("Recover = %v, %v, want true", recovered, err)
	}
	sameTree(t, "recovered", tree(t, dir), before)
	if recovered, err := Recover(filepath.Join(dir, "none")); recovered || err != nil {
		t.Errorf("Recover of nothing = %v, %v, want false", recovered, err)
	}
	_, err = Recover(filepath.Join(dir, "main.go"))
	wantRefused(t, err, NotDirectory)
}

func TestRecoverSweeps(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plant(t, filepath.Join(dir, scratchStem+strconv.Itoa(gone), "0001"), secret, 0o600)
	if recovered, err := Recover(dir); recovered || err != nil {
		t.Errorf("Recover = %v, %v, want false: nothing had begun", recovered, err)
	}
	noScratch(t, dir)
}

func TestRecoverWaitsForTheLiving(t *testing.T) {
	t.Parallel()
	for pid, want := range map[int]error{os.Getppid(): Busy, os.Getpid(): nil} {
		dir := t.TempDir()
		plantPatched(t, dir)
		interrupt(t, dir, midway, pid)
		before := tree(t, dir)
		recovered, err := Recover(dir)
		if recovered != (want == nil) || !errors.Is(err, want) {
			t.Errorf("Recover = %v, %v, want the error %v", recovered, err, want)
		}
		if want != nil {
			sameTree(t, "after the refusal", tree(t, dir), before)
		}
	}
}

// TestRecoverKeepsLaterEdits: bytes that are neither old nor new belong to a person.
func TestRecoverKeepsLaterEdits(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"main.go", "internal/auth/token.go", "run.sh"} {
		dir := t.TempDir()
		plantPatched(t, dir)
		interrupt(t, dir, midway, gone)
		plant(t, filepath.Join(dir, name), "edited since", 0o644)
		before := tree(t, dir)
		recovered, err := Recover(dir)
		if recovered {
			t.Errorf("recovered over an edit of %s", name)
		}
		wantRefused(t, err, Changed)
		sameTree(t, "after the refusal", tree(t, dir), before)
	}
}

func TestRecoverPutsBackWhatWasDeletedOrClosedSince(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plantPatched(t, dir)
	before := tree(t, dir)
	interrupt(t, dir, midway, gone)
	for _, name := range []string{"main.go", ".env", "internal/auth"} {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(dir, "go.mod"), 0o600); err != nil {
		t.Fatal(err)
	}
	if recovered, err := Recover(dir); !recovered || err != nil {
		t.Errorf("Recover = %v, %v, want true", recovered, err)
	}
	sameTree(t, "recovered", tree(t, dir), before)
}

func TestRecoverKeepsForeignFilesInNewDirectories(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plantPatched(t, dir)
	want := tree(t, dir)
	interrupt(t, dir, midway, gone)
	plant(t, filepath.Join(dir, "internal/auth/theirs.go"), "theirs", 0o644)
	if recovered, err := Recover(dir); !recovered || err != nil {
		t.Errorf("Recover = %v, %v, want true", recovered, err)
	}
	want["internal/auth"] = "drwxr-xr-x"
	want["internal/auth/theirs.go"] = "-rw-r--r-- theirs"
	sameTree(t, "recovered", tree(t, dir), want)
}

// TestForgedJournal: a journal may come with someone else's files.
func TestForgedJournal(t *testing.T) {
	t.Parallel()
	for name, forge := range map[string]func(j *journal){
		"outside":            func(j *journal) { j.Entries[0].Path = "../x"; j.Entries[0].Temp = "../.x.mcpauth-1" },
		"absolute":           func(j *journal) { j.Entries[0].Path = "/etc/x" },
		"git hook":           func(j *journal) { j.Entries[0].Path = ".git/hooks/x"; j.Entries[0].Temp = ".git/hooks/.x.mcpauth-1" },
		"git in capitals":    func(j *journal) { j.Entries[0].Path = "a/.GIT/x"; j.Entries[0].Temp = "a/.GIT/.x.mcpauth-1" },
		"the root":           func(j *journal) { j.Entries[0].Path = "." },
		"temp elsewhere":     func(j *journal) { j.Entries[1].Temp = "go.mod" },
		"temp further down":  func(j *journal) { j.Entries[0].Temp = j.Entries[0].Temp + "/x" },
		"original elsewhere": func(j *journal) { j.Entries[1].Original.File = "../main.go" },
		"device mode":        func(j *journal) { j.Entries[1].Original.Mode |= os.ModeDevice },
		"directory outside":  func(j *journal) { j.Dirs[0] = "../x" },
		"directory root":     func(j *journal) { j.Dirs[0] = "." },
		"other version":      func(j *journal) { j.Schema = "mcpauth.journal/v2" },
		"damaged original":   func(j *journal) { j.Entries[1].Original.Digest = "sha256:00" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			plantPatched(t, dir)
			interrupt(t, dir, midway, gone)
			file := filepath.Join(dir, journalName, journalList)
			var j journal
			b, err := os.ReadFile(file)
			if err != nil || json.Unmarshal(b, &j) != nil {
				t.Fatal(err)
			}
			forge(&j)
			b, err = json.Marshal(j)
			if err != nil {
				t.Fatal(err)
			}
			plant(t, file, string(b), 0o600)
			if name == "damaged original" {
				plant(t, filepath.Join(dir, "main.go"), "package main // new\n", 0o644)
			}
			before := tree(t, dir)
			recovered, err := Recover(dir)
			if _, ok := errors.AsType[*Failed](err); !ok && !isRefused(err) || recovered {
				t.Errorf("Recover = %v, %v, want an error", recovered, err)
			}
			if name != "damaged original" {
				sameTree(t, "after the error", tree(t, dir), before)
			}
		})
	}
}

func TestJournalThatOthersCouldHaveMade(t *testing.T) {
	t.Parallel()
	forgeries := map[string]func(dir, journal string) error{
		"wide mode": func(_, journal string) error { return os.Chmod(journal, 0o755) },
		"a file": func(_, journal string) error {
			return errors.Join(os.RemoveAll(journal), os.WriteFile(journal, nil, 0o600))
		},
		"a link": func(dir, journal string) error {
			return errors.Join(os.Rename(journal, dir+"/j"), os.Symlink("j", journal))
		},
		"not JSON": func(_, journal string) error { return os.WriteFile(journal+"/"+journalList, []byte("{"), 0o600) },
		"no list":  func(_, journal string) error { return os.Remove(journal + "/" + journalList) },
		"linked list": func(_, journal string) error {
			return errors.Join(os.Remove(journal+"/"+journalList), os.Symlink("/etc/hostname", journal+"/"+journalList))
		},
	}
	for name, forge := range forgeries {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			plantPatched(t, dir)
			interrupt(t, dir, midway, gone)
			if err := forge(dir, filepath.Join(dir, journalName)); err != nil {
				t.Fatal(err)
			}
			before := tree(t, dir)
			recovered, err := Recover(dir)
			if recovered || err == nil || (name == "wide mode" || name == "a file") && !errors.Is(err, Foreign) {
				t.Errorf("Recover = %v, %v, want an error", recovered, err)
			}
			sameTree(t, "after the error", tree(t, dir), before)
			_, err = Modify(t.Context(), dir, patch(), nil, nil)
			wantRefused(t, err, Unfinished)
		})
	}
}

func TestJournalHoldsNoSecretOfThePlan(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plantPatched(t, dir)
	interrupt(t, dir, midway, gone)
	for name, what := range tree(t, filepath.Join(dir, journalName)) {
		if strings.Contains(what, secret) {
			t.Errorf("%s holds the new secret", name)
		}
		if mode := what[:10]; hasModes() && mode != "-rw-------" && mode != "drwx------" {
			t.Errorf("%s has mode %s", name, mode)
		}
	}
}

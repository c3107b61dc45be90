package plan

import (
	"bytes"
	"errors"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// replaced is a directory and a plan for it.
func replaced() (fstest.MapFS, Plan) {
	old := fstest.MapFS{}
	prior := func(name, text string) *Digest {
		old[name] = &fstest.MapFile{Data: []byte(text)}
		sum := Sum([]byte(text))
		return &sum
	}
	return old, Plan{
		Ops: []Op{
			{Action: Overwrite, Path: "main.go", Mode: 0o644, Content: []byte("\ufeffa\r\nB\r\nc"), Prior: prior("main.go", "\ufeffa\r\nb\r\nc"), Reason: "r"},
			{Action: Create, Path: "new/a.go", Mode: 0o644, Content: []byte("package a // <&>\n"), Reason: "r"},
			{Action: Create, Path: "blob", Mode: 0o644, Content: []byte("\xff\x00"), Reason: "r"},
			{Action: Create, Path: "empty", Mode: 0o644, Reason: "r"},
			{Action: Delete, Path: "gone", Mode: 0o644, Prior: prior("gone", "x"), Reason: "r"},
		},
		Notes: []string{"note"},
	}
}

// save returns the plan's file, as change leaves it before it gets its digest.
func save(t *testing.T, old fs.FS, p Plan, change func(*Saved)) []byte {
	t.Helper()
	s, err := Save(old, p)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&s)
	}
	b, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSavedComesBack(t *testing.T) {
	t.Parallel()
	old, p := replaced()
	b := save(t, old, p, nil)
	if again := save(t, old, p, nil); !bytes.Equal(again, b) {
		t.Error("saved twice, two files")
	}
	s, err := ReadSaved(b)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Plan(old)
	for i := range got.Ops {
		got.Ops[i].Content = slices.Clip(append([]byte(nil), got.Ops[i].Content...)) // nil and empty are one
	}
	if err != nil || !reflect.DeepEqual(got, p) {
		t.Errorf("%v\n%+v, want\n%+v", err, got, p)
	}
	if s.Done(old) {
		t.Error("is done before it is")
	}
	done := fstest.MapFS{}
	for _, op := range p.Ops {
		if op.Action != Delete {
			done[op.Path] = &fstest.MapFile{Data: op.Content}
		}
	}
	if !s.Done(done) {
		t.Error("is not done when it is")
	}
}

func TestSavedHoldsNoSecret(t *testing.T) {
	t.Parallel()
	old, p := replaced()
	p.Ops[1].Holes = []Hole{{0, "SK_CLIENT_SECRET"}}
	if _, err := Save(old, p); err == nil || !strings.Contains(err.Error(), "new/a.go") {
		t.Errorf("%v, want a refusal", err)
	}
}

// TestSavedIsReadAsWritten changes every byte in turn, and more.
func TestSavedIsReadAsWritten(t *testing.T) {
	t.Parallel()
	old, p := replaced()
	b := save(t, old, p, nil)
	broken := [][]byte{nil, []byte("{}"), append(b, ' '), append(b, b...), bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n"))}
	for i := range b {
		one := bytes.Clone(b)
		one[i] ^= 1
		broken = append(broken, one, slices.Delete(bytes.Clone(b), i, i+1))
	}
	for _, file := range broken {
		if _, err := ReadSaved(file); !errors.Is(err, ErrSaved) {
			t.Errorf("%v for\n%s", err, file)
		}
	}
	other := save(t, old, p, func(s *Saved) { s.Schema = "mcpauth.saved-plan/v2" })
	if _, err := ReadSaved(other); !errors.Is(err, ErrSaved) || !strings.Contains(err.Error(), "mcpauth.saved-plan/v2") {
		t.Errorf("another schema: %v", err)
	}
}

// TestSavedIsConsistent: a digest that fits does not make a plan good.
func TestSavedIsConsistent(t *testing.T) {
	t.Parallel()
	old, p := replaced()
	for name, change := range map[string]func(*Saved){
		"outside":        func(s *Saved) { s.Ops[1].Path = "../a.go" },
		"absolute":       func(s *Saved) { s.Ops[1].Path = "/a.go" },
		"backslash":      func(s *Saved) { s.Ops[1].Path = `a\..\..\b` },
		"seen outside":   func(s *Saved) { s.Seen = []State{{"../a", ""}} },
		"twice":          func(s *Saved) { s.Ops = append(s.Ops, s.Ops[1]) },
		"mode":           func(s *Saved) { s.Ops[1].Mode = "rw" },
		"set-user":       func(s *Saved) { s.Ops[1].Mode = "4755" },
		"action":         func(s *Saved) { s.Ops[1].Action = "link" },
		"content":        func(s *Saved) { s.Ops[1].Content = "other" },
		"encoding":       func(s *Saved) { s.Ops[1].Encoding = "rot13" },
		"base64":         func(s *Saved) { s.Ops[2].Content = "!" },
		"edit":           func(s *Saved) { s.Ops[0].Edits[0].New = []byte("X") },
		"edit outside":   func(s *Saved) { s.Ops[0].Edits[0].End = 99 },
		"delete unknown": func(s *Saved) { s.Ops[4].Prior = "" },
	} {
		s, err := ReadSaved(save(t, old, p, change))
		if err == nil {
			_, err = s.Plan(old)
		}
		moved, ok := errors.AsType[MovedError](err)
		if !errors.Is(err, ErrSaved) && (!ok || len(moved.Paths) != 1) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSavedKnowsWhatMoved(t *testing.T) {
	t.Parallel()
	_, p := replaced()
	for name, move := range map[string]func(fstest.MapFS){
		"main.go":  func(now fstest.MapFS) { now["main.go"] = &fstest.MapFile{Data: []byte("other")} },
		"gone":     func(now fstest.MapFS) { delete(now, "gone") },
		"new/a.go": func(now fstest.MapFS) { now["new/a.go"] = &fstest.MapFile{} },
		"seen":     func(now fstest.MapFS) { now["seen"] = &fstest.MapFile{Data: []byte("other")} },
		"unseen":   func(now fstest.MapFS) { now["unseen"] = &fstest.MapFile{} },
	} {
		now, _ := replaced()
		now["seen"] = &fstest.MapFile{Data: []byte("s")}
		s, err := ReadSaved(save(t, now, p, func(s *Saved) {
			s.Seen = []State{{"seen", Sum([]byte("s")).String()}, {"unseen", ""}}
		}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Plan(now); err != nil {
			t.Fatal(err)
		}
		move(now)
		_, err = s.Plan(now)
		if moved, ok := errors.AsType[MovedError](err); !ok || !slices.Equal(moved.Paths, []string{name}) {
			t.Errorf("%v, want %s", err, name)
		}
	}
}

// FuzzReadSaved: what is read is what was written, and leads nowhere outside.
func FuzzReadSaved(f *testing.F) {
	old, p := replaced()
	s, err := Save(old, p)
	if err != nil {
		f.Fatal(err)
	}
	b, err := s.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := ReadSaved(b)
		if err != nil {
			if !errors.Is(err, ErrSaved) {
				t.Errorf("%v is no ErrSaved", err)
			}
			return
		}
		if again, err := s.Encode(); err != nil || !bytes.Equal(again, b) {
			t.Errorf("%v: written again it is\n%s", err, again)
		}
		now, err := s.Plan(old)
		if err == nil && now.Validate() != nil {
			t.Errorf("the plan is %v", now.Validate())
		}
	})
}

package plan

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
)

func documented() Plan {
	prior := Sum([]byte("old"))
	return Plan{
		Ops: []Op{
			{Action: Create, Path: "main.go", Mode: 0o644, Content: []byte("package main // <a> & b\n"), Reason: "entry point"},
			{Action: Overwrite, Path: ".env", Mode: 0o600, Content: []byte("A=\nB=\n"), Prior: &prior, Reason: "configuration",
				Holes: []Hole{{2, "SECRET_A"}, {5, "SECRET_B"}, {5, "SECRET_A"}}},
			{Action: Create, Path: "run.sh", Mode: 0o755, Reason: "empty"},
			{Action: Create, Path: "blob", Mode: 0o644, Content: []byte("\xff\x00"), Reason: "not text"},
		},
		Notes: []string{"one", "two"},
	}
}

const wantDocument = `{
  "schema": "mcpauth.plan/v1",
  "target": "my-server",
  "ops": [
    {
      "action": "create",
      "path": "main.go",
      "mode": "0644",
      "size": 24,
      "digest": "sha256:93e4ba8b78bad0ef809404bb5a0fb94069ece2145550f4b03cba3a551e75b3d0",
      "reason": "entry point",
      "secrets": [],
      "content": "package main // <a> & b\n"
    },
    {
      "action": "overwrite",
      "path": ".env",
      "mode": "0600",
      "size": 6,
      "reason": "configuration",
      "secrets": [
        "SECRET_A",
        "SECRET_B"
      ],
      "content": "A=\nB=\n"
    },
    {
      "action": "create",
      "path": "run.sh",
      "mode": "0755",
      "size": 0,
      "digest": "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "reason": "empty",
      "secrets": [],
      "content": ""
    },
    {
      "action": "create",
      "path": "blob",
      "mode": "0644",
      "size": 2,
      "digest": "sha256:ea5dbf9596d187e9500f23e9a680109475341cf4e81f7e043f7d97152c10772f",
      "reason": "not text",
      "secrets": [],
      "content": "/wA=",
      "encoding": "base64"
    }
  ],
  "notes": [
    "one",
    "two"
  ]
}
`

func TestDocument(t *testing.T) {
	t.Parallel()
	for range 20 {
		got, err := NewFullDocument("my-server", documented()).Encode()
		if err != nil || string(got) != wantDocument {
			t.Fatalf("%v\n%s\nwant\n%s", err, got, wantDocument)
		}
	}
}

func TestDocumentWithoutContents(t *testing.T) {
	t.Parallel()
	got, err := NewDocument("x", documented()).Encode()
	if err != nil || bytes.Contains(got, []byte(`"content"`)) || bytes.Contains(got, []byte(`"encoding"`)) || !bytes.Contains(got, []byte(`"size": 24`)) {
		t.Errorf("%v\n%s", err, got)
	}
	got, err = NewDocument("x", Plan{}).Encode()
	if want := `"ops": [],`; err != nil || !strings.Contains(string(got), want) || !strings.Contains(string(got), `"notes": []`) {
		t.Errorf("%v\n%s\nwant empty lists", err, got)
	}
}

// TestDocumentRoundTrip: a reader of the JSON gets each file's bytes back.
func TestDocumentRoundTrip(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "a\r\n\u2028\x00\x1b", "<>&\"\\", "\xff", "é\xc3", "\ufeffx"} {
		p := Plan{Ops: []Op{{Action: Create, Path: "x", Mode: 0o644, Content: []byte(text)}}}
		b, err := NewFullDocument("t", p).Encode()
		if err != nil {
			t.Fatal(err)
		}
		var d Document
		if err := json.Unmarshal(b, &d); err != nil {
			t.Fatal(err)
		}
		got := *d.Ops[0].Content
		if d.Ops[0].Encoding == "base64" {
			raw, err := base64.StdEncoding.DecodeString(got)
			if err != nil {
				t.Fatal(err)
			}
			got = string(raw)
		}
		if got != text {
			t.Errorf("%q came back as %q", text, got)
		}
	}
}

// TestDocumentIsNoOracle: nothing in it depends on the secret or on the bytes that are replaced.
func TestDocumentIsNoOracle(t *testing.T) {
	t.Parallel()
	p := documented()
	b, err := NewFullDocument("t", p).Encode()
	if err != nil {
		t.Fatal(err)
	}
	env := p.Ops[1]
	for _, digest := range []Digest{*env.Prior, Sum(env.Content), Sum(env.Fill(map[string]string{"SECRET_A": "a"}))} {
		if bytes.Contains(b, []byte(digest.String())) {
			t.Errorf("holds %s", digest)
		}
	}
}

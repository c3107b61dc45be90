package auth

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
)

// FuzzMembers compares members with encoding/json: where it accepts an object, both see the same members.
func FuzzMembers(f *testing.F) {
	for _, seed := range []string{
		`{}`, ` { } `, `{"a":1}`, `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `{"a" : [1, {"b":"}"}] , "c":"\"}"}`, `{"a":{"a":{}},"b":[]}`,
		`[]`, `null`, `"a"`, `{"a":1}x`, `{"a":1,}`, `{"":""}`, `{"a\\":"\\"}`, "{\"a\":\"\xff\"}", `{"exp":1e400}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		fields, err := members(data)
		var want map[string]json.RawMessage
		if wantErr := json.Unmarshal(data, &want); wantErr != nil || want == nil {
			if err == nil {
				t.Fatalf("accepted: %v", fields)
			}
			return
		}
		if err != nil {
			return // stricter: two members with one name, not UTF-8
		}
		if !slices.Equal(slices.Sorted(maps.Keys(fields)), slices.Sorted(maps.Keys(want))) {
			t.Fatalf("got %v, want %v", fields, want)
		}
		for name, value := range fields {
			if value != string(want[name]) {
				t.Errorf("%q: got %s, want %s", name, value, want[name])
			}
		}
	})
}

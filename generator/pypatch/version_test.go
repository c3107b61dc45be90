package pypatch

import "testing"

// TestBlocks wants to know of each range whether it has a version from 1.10 on.
func TestBlocks(t *testing.T) {
	for versions, want := range map[string]bool{
		"": false, "*": false, ">=1.2": false, ">=1.2,<2": false, "!=1.4": false, ">1": false,
		"==1.9": true, "==1.10.0": false, "==1.10": false, "==1.9.*": true, "==1.*": false, "===1.0": true, "==2": false,
		"<1.10": true, "<1.10.0": true, "<1.11": false, "<=1.9.9": true, "<=1.10": false, ">=1.2,<1.5": true, "(>=1.2,<1.5)": true,
		"~=1.9.2": true, "~=1.9": false, "~=0.5": true, "~=1.10.0": false,
		"^1.2": false, "^0.9": true, "^2": false, "^0.0.3": true, "~1.9": true, "~1": false, "~1.10": false,
		"1.9.0": true, "1.10.0": false, "==1.9rc1": true, "<1.5 || >=2": false, "<1.5 || <1.2": true, "==v1.2": true,
	} {
		if got := blocks(versions, parseVersion("1.10")); got != want {
			t.Errorf("%q: %v, want %v", versions, got, want)
		}
	}
}

// TestRaised wants the lower end of a range to move, and nothing else of it.
func TestRaised(t *testing.T) {
	for versions, want := range map[string]string{
		">=3.9": ">=3.11", ">=3.9,<4": ">=3.11,<4", "<4, >= 3.10": "<4, >= 3.11", "^3.10": "^3.11", "~=3.9": "~=3.11", "3.8.1": "3.11", "==3.9.*": "==3.11.*",
		">=3.11": ">=3.11", ">=3.12,<3.14": ">=3.12,<3.14", "*": "*", "<4": "<4", "!=3.9.0,>=3.12": "!=3.9.0,>=3.12", "": "",
	} {
		if got := raised(versions, "3.11", parseVersion("3.11")); got != want {
			t.Errorf("%q: %q, want %q", versions, got, want)
		}
	}
}

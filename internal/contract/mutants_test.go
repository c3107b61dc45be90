package contract_test

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/mcpauth/mcpauth/internal/authserver"
	"github.com/mcpauth/mcpauth/internal/contract"
)

// mutants names every way in which the reference server can break the contract, and the requirements that
// are then not kept. A requirement that cannot be broken alone comes with the others it takes along; after
// an asterisk the others do not matter. C5 is followed by the kind of bad token that the mutant accepts.
var mutants = map[string]string{
	"metadata-hidden":     "C1 C2",
	"metadata-altered":    "C1 C2",
	"metadata-incomplete": "C1 C2",
	"metadata-no-cors":    "C1 C2",
	"metadata-no-head":    "C1 C2",
	"metadata-no-options": "C1",

	"inserted-missing":    "C2",
	"challenge-root":      "C2",
	"challenge-from-host": "C2",

	"health-protected": "C3",
	"health-no-head":   "C3",
	"health-text":      "C3",

	"challenge-error":  "C4",
	"challenge-bare":   "C2 C4 C11",
	"challenge-none":   "C2 C4 C11",
	"challenge-second": "C2 C4 C5 C11",
	"challenge-text":   "C4",

	"bad-token-403":         "C5 C6 C8 C15 C17 C18",
	"bad-token-no-error":    "C5",
	"bad-token-description": "C5",
	"leak-token":            "C5",
	"leak-claim":            "C5",
	"leak-library":          "C5",
	"token-size":            "C5:oversized",
	"token-lenient-base64":  "C5:base64-trailing-bits",
	"token-alg-none":        "C5:alg-none",
	"token-ignores-crit":    "C5:crit",
	"token-signature":       "C5:signature-other-key",
	"token-no-exp":          "C5:exp-missing",
	"token-expired":         "C5:expired",
	"token-nbf":             "C5:nbf-future",
	"token-no-subject":      "C5:subject-missing",
	"token-any-issuer":      "C5:issuer",
	"token-issuer-prefix":   "C5:issuer-suffix",
	"token-any-audience":    "C5:audience",
	"token-audience-prefix": "C5:audience-suffix",
	"token-case":            "C5:audience-claim-case",
	"token-duplicates":      "C5:duplicate-aud",
	"token-trailing":        "C5:payload-trailing",

	"credential-case":  "C6",
	"credential-query": "C6",
	"credential-form":  "C6",
	"credential-first": "C6",
	"credential-word":  "C5:trailing-word C6",

	"good-env-only":        "C7",
	"good-resource-only":   "*C7",
	"good-aud-string":      "C7",
	"good-aud-url-only":    "C7",
	"good-aud-exact-slash": "C7",

	"no-floor":         "C8",
	"keys-once":        "C8 C9",
	"keys-merged":      "C8",
	"fetch-no-limit":   "C8",
	"outage-401":       "C9",
	"outage-forgets":   "C9",
	"no-retry-after":   "C9",
	"fetch-blocks-all": "C9",
	"fetch-no-timeout": "C9",
	"fetch-impatient":  "C9",
	"start-needs-keys": "C8 C9",

	"scope-only":        "C10",
	"scopes-only":       "*C10",
	"scope-else-scopes": "C10",

	"scope-unchecked":         "C10 C11",
	"scope-tool-error":        "C11",
	"scope-no-error":          "C11",
	"scope-challenge-partial": "C11",
	"scope-batch":             "C11",
	"scope-case":              "C11",
	"scope-header":            "C11",
	"scope-prefix":            "C11",
	"scope-fold":              "C11",
	"scope-any":               "C11",

	"caller-stale":        "C12",
	"caller-client-stale": "C12",

	"forwards-token": "C13",

	"origin-any":        "C14",
	"origin-null":       "C14",
	"origin-first":      "C14",
	"origin-prefix":     "C14",
	"origin-after-auth": "C14 C15",
	"host-any":          "C14",

	"preflight-protected":   "C15",
	"preflight-any":         "C14",
	"cors-credentials":      "C15",
	"cors-not-exposed":      "C15",
	"cors-preflight-only":   "C15",
	"cors-wildcard-headers": "C15",
	"cors-no-vary":          "C15",

	"redirect": "C16",

	"limit-body":           "C17",
	"limit-body-announced": "C17",
	"limit-in-flight":      "C17",
	"slots-leak":           "*C17",
	"slow-header":          "C17",
	"large-header":         "C17",
	"stop-abrupt":          "C17",
	"stop-deaf":            "C17",
	"stop-exit-code":       "C17",
	"restart-forgets":      "C17",

	"log-token":       "C18",
	"log-signature":   "C18",
	"log-secret":      "C18",
	"log-body":        "C18",
	"log-text":        "C18",
	"log-no-subject":  "C18",
	"log-no-outcome":  "C18",
	"log-no-refusals": "C18",

	"session":           "C19",
	"once":              "*C19",
	"revision-new-only": "*C19",
	"revision-old-only": "*C19",
	"revision-any":      "C19",
	"revision-mismatch": "C19",

	"cache-scope":         "C20",
	"cache-scope-missing": "C20",
	"cache-control":       "C20",
}

// broken reads a value of mutants.
func broken(value string) (ids, kinds []string, only bool) {
	for _, word := range strings.Fields(strings.TrimPrefix(value, "*")) {
		id, kind, found := strings.Cut(word, ":")
		ids = append(ids, id)
		if found {
			kinds = append(kinds, kind)
		}
	}
	return ids, kinds, !strings.HasPrefix(value, "*")
}

func TestEveryCheckHasAMutant(t *testing.T) {
	t.Parallel()
	var caught []string
	for _, value := range mutants {
		ids, _, _ := broken(value)
		caught = append(caught, ids...)
	}
	for _, check := range contract.Checks() {
		if !slices.Contains(caught, check.ID) {
			t.Errorf("no mutant breaks %s", check.ID)
		}
	}
}

// atOnce is how many mutants are checked at one time: they wait more than they compute.
const atOnce = 12

func TestMutantsFailWhatTheyBreakAndNothingElse(t *testing.T) {
	t.Parallel()
	names := slices.Sorted(maps.Keys(mutants))
	reports := make([]contract.Report, len(names))
	slots := make(chan struct{}, atOnce)
	var group sync.WaitGroup
	for i, name := range names {
		target := newTarget(t, name, "/mcp")
		ids, kinds, _ := broken(mutants[name])
		target.Issuer = fewKinds{target.Issuer.(*authserver.Server), kinds}
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			reports[i] = contract.RunChecks(t.Context(), target, relevant(ids), nil)
		})
	}
	group.Wait()
	for i, name := range names {
		t.Run(name, func(t *testing.T) { checkMutant(t, mutants[name], reports[i]) })
	}
}

// relevant leaves out the checks that start copies of the server, unless the mutant is to fail one of them.
func relevant(ids []string) []contract.Check {
	return slices.DeleteFunc(contract.Checks(), func(check contract.Check) bool {
		return check.Disturbs && !slices.Contains(ids, check.ID)
	})
}

func checkMutant(t *testing.T, value string, report contract.Report) {
	t.Helper()
	ids, kinds, only := broken(value)
	for _, result := range report.Results {
		switch expected := slices.Contains(ids, result.ID); {
		case expected && result.Status != contract.Fail:
			t.Errorf("%s is %s", result.ID, result.Status)
		case !expected && only && result.Status != contract.Pass:
			t.Errorf("%s", result.Text())
		}
		for _, kind := range kinds {
			if result.ID == "C5" && !strings.Contains(result.Failures[0].Request, "of kind "+kind+":") {
				t.Errorf("another token than %s was accepted first: %s", kind, result.Text())
			}
		}
	}
}

// fewKinds leaves most bad tokens out: forging them takes longer than everything else.
type fewKinds struct {
	*authserver.Server
	more []string
}

func (f fewKinds) BadKinds() []string {
	few := []string{"jwe", "kid-unknown", "audience-nested", "header-array", "nul", "subject-number"}
	return append(slices.Clone(f.more), few...)
}

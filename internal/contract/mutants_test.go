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
// are then not kept. A requirement that cannot be broken alone comes with the others it takes along.
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

	"health-protected": "C3 C9 C17",
	"health-no-head":   "C3",
	"health-text":      "C3",

	"challenge-error":  "C4 C9",
	"challenge-bare":   "C2 C4 C9 C11 C10",
	"challenge-none":   "C2 C4 C9 C11 C10",
	"challenge-second": "C2 C4 C5 C8 C9 C10 C11",
	"challenge-text":   "C4 C9",

	"bad-token-403":         "C5 C6 C8 C15 C17 C18",
	"bad-token-no-error":    "C5 C8",
	"bad-token-description": "C5",
	"leak-token":            "C5",
	"leak-claim":            "C5",
	"leak-library":          "C5",
	"token-size":            "C5",
	"token-lenient-base64":  "C5",
	"token-alg-none":        "C5",
	"token-ignores-crit":    "C5",
	"token-signature":       "C5",
	"token-no-exp":          "C5",
	"token-expired":         "C5",
	"token-nbf":             "C5",
	"token-no-subject":      "C5",
	"token-any-issuer":      "C5",
	"token-issuer-prefix":   "C5",
	"token-any-audience":    "C5",
	"token-audience-prefix": "C5",
	"token-case":            "C5",
	"token-duplicates":      "C5",
	"token-trailing":        "C5",

	"credential-case":  "C6",
	"credential-query": "C6",
	"credential-form":  "C6",
	"credential-first": "C6",
	"credential-word":  "C5 C6",

	"good-env-only":        "C7",
	"good-resource-only":   "*C7",
	"good-aud-string":      "C7",
	"good-aud-url-only":    "C7",
	"good-aud-exact-slash": "C7",

	"no-floor":         "C8",
	"keys-once":        "C8 C9",
	"keys-merged":      "C8",
	"fetch-no-limit":   "C8",
	"outage-401":       "C8 C9",
	"outage-forgets":   "C9",
	"no-retry-after":   "C9",
	"fetch-blocks-all": "C9",
	"fetch-no-timeout": "C9",
	"start-needs-keys": "C8 C9",

	"scope-only":        "C10",
	"scopes-only":       "*C10",
	"scope-else-scopes": "C10",

	"scope-unchecked":         "C10 C11",
	"scope-tool-error":        "C10 C11",
	"scope-no-error":          "C10 C11",
	"scope-challenge-partial": "C10 C11",
	"scope-batch":             "C11",
	"scope-case":              "C11",
	"scope-header":            "C11",
	"scope-prefix":            "C11",
	"scope-fold":              "C11",
	"scope-any":               "C11",

	"caller-stale":        "C12",
	"caller-client-stale": "C12",

	"forwards-token": "C13",

	"origin-any":        "C14 C15",
	"origin-null":       "C14 C15",
	"origin-first":      "C14",
	"origin-prefix":     "C14 C15",
	"origin-after-auth": "C14 C15",
	"host-any":          "C14",

	"preflight-protected":   "C15",
	"preflight-any":         "C15",
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

func TestEveryCheckHasAMutant(t *testing.T) {
	t.Parallel()
	caught := strings.Fields(strings.ReplaceAll(strings.Join(slices.Collect(maps.Values(mutants)), " "), "*", ""))
	for _, check := range contract.Checks() {
		if !slices.Contains(caught, check.ID) {
			t.Errorf("no mutant breaks %s", check.ID)
		}
	}
}

// atOnce is how many mutants are checked at one time: they wait more than they compute.
const atOnce = 8

func TestMutantsFailWhatTheyBreakAndNothingElse(t *testing.T) {
	t.Parallel()
	names := slices.Sorted(maps.Keys(mutants))
	reports := make([]contract.Report, len(names))
	slots := make(chan struct{}, atOnce)
	var group sync.WaitGroup
	for i, name := range names {
		target := newTarget(t, name, "/mcp")
		if !strings.Contains(mutants[name], "C5") {
			target.Issuer = fewKinds{target.Issuer.(*authserver.Server)}
		}
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			reports[i] = contract.RunChecks(t.Context(), target, relevant(mutants[name]), nil)
		})
	}
	group.Wait()
	for i, name := range names {
		t.Run(name, func(t *testing.T) { checkMutant(t, mutants[name], reports[i]) })
	}
}

// relevant leaves out the checks that start copies of the server, unless the mutant is to fail one of them.
func relevant(broken string) []contract.Check {
	return slices.DeleteFunc(contract.Checks(), func(check contract.Check) bool {
		return check.Disturbs && !slices.Contains(strings.Fields(strings.TrimPrefix(broken, "*")), check.ID)
	})
}

func checkMutant(t *testing.T, broken string, report contract.Report) {
	t.Helper()
	only := !strings.HasPrefix(broken, "*")
	want := strings.Fields(strings.TrimPrefix(broken, "*"))
	for _, result := range report.Results {
		switch expected := slices.Contains(want, result.ID); {
		case expected && result.Status != contract.Fail:
			t.Errorf("%s is %s", result.ID, result.Status)
		case !expected && only && result.Status != contract.Pass:
			t.Errorf("%s", result.Text())
		}
	}
}

// fewKinds leaves most bad tokens out, for mutants that have nothing to do with them.
type fewKinds struct{ *authserver.Server }

func (f fewKinds) BadKinds() []string {
	return []string{"expired", "issuer", "audience", "subject-missing", "kid-unknown", "alg-none", "signature-flipped", "nul"}
}

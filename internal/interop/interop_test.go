package interop_test

import "testing"

// TestInterop is one test, so that the clients are installed once.
func TestInterop(t *testing.T) {
	t.Parallel()
	k, binary := newKit(t), build(t)
	t.Run("TypeScript", func(t *testing.T) { testTypeScript(t, k, binary) })
	t.Run("Inspector", func(t *testing.T) { testInspector(t, k, binary) })
	t.Run("Conformance", func(t *testing.T) { testConformance(t, k) })
	t.Run("WebPage", func(t *testing.T) { testWebPage(t, k, binary) })
	t.Run("Consent", func(t *testing.T) { testConsent(t, k) })
}

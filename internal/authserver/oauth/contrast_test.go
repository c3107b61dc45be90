package oauth_test

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestContrast wants 4.5 to 1 between every text and its background, in the light and in the dark (WCAG 2.2,
// success criterion 1.4.3).
func TestContrast(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("pages.html")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, found := strings.Cut(string(data), "prefers-color-scheme: dark")
	if !found {
		t.Fatal("no dark colors")
	}
	for scheme, css := range map[string]string{"light": light, "dark": dark} {
		colors := map[string]float64{}
		for _, match := range regexp.MustCompile(`--([a-z-]+): #([0-9a-f]{6});`).FindAllStringSubmatch(css, -1) {
			colors[match[1]] = luminance(t, match[2])
		}
		for _, pair := range [][2]string{{"text", "card"}, {"faint", "card"}, {"accent", "card"}, {"on-accent", "accent"}, {"on-warn", "warn"}} {
			text, textFound := colors[pair[0]]
			back, backFound := colors[pair[1]]
			ratio := (math.Max(text, back) + 0.05) / (math.Min(text, back) + 0.05)
			if !textFound || !backFound || ratio < 4.5 {
				t.Errorf("%s: %s on %s has a contrast of %.2f", scheme, pair[0], pair[1], ratio)
			}
		}
	}
}

// luminance is the relative luminance of a color, as WCAG 2.2 defines it.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	value, err := strconv.ParseUint(hex, 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	linear := func(shift int) float64 {
		c := float64(value>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(16) + 0.7152*linear(8) + 0.0722*linear(0)
}

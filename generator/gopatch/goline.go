package gopatch

import (
	"fmt"
	"go/version"
	"slices"
)

// A shift is what a release of Go changes in the meaning of code, once the go line names it (go.dev/doc/godebug).
type shift struct{ release, text string }

func shifts() []shift {
	return []shift{
		{"1.21", "panic(nil) is recovered as an error (panicnil)"},
		{"1.22", "each round of a loop has variables of its own; http.ServeMux reads methods and {wildcards} in patterns (httpmuxgo121); TLS servers refuse TLS 1.1 and RSA key exchange (tls10server, tlsrsakex)"},
		{"1.23", "channels of timers have no buffer (asynctimerchan); TLS does without 3DES (tls3des)"},
		{"1.24", "RSA keys of less than 1024 bits are refused (rsa1024min); rand.Seed does nothing (randseednop)"},
		{"1.25", "GOMAXPROCS follows the CPU limit of a container (containermaxprocs)"},
	}
}

// Shifts says what code means from now on, when the go line moves: one sentence for each release that it passes.
func Shifts(moves []Move) []string {
	var list []string
	for _, s := range shifts() {
		if passes(moves, s.release) {
			list = append(list, fmt.Sprintf("with go %s and later %s", s.release, s.text))
		}
	}
	if len(list) > 0 {
		list = append(list, "a line //go:debug NAME=VALUE in package main keeps the old way of what stands in brackets (go.dev/doc/godebug)")
	}
	return list
}

// ShareLoops reports whether the go line moves from where all rounds of a loop share its variables.
func ShareLoops(moves []Move) bool { return passes(moves, "1.22") }

func passes(moves []Move, release string) bool {
	return slices.ContainsFunc(moves, func(m Move) bool {
		return m.What == "go" && version.Compare(language(m.From), "go"+release) < 0 && version.Compare("go"+release, language(m.To)) <= 0
	})
}

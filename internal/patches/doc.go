// Package patches holds the programs that retrofit is tried on, in testdata/patch: each is patched, built, run, checked, patched
// again and taken back.
package patches

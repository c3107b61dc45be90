package runtest

import "os"

// QuickBuilds is for the beginning of TestMain. The go commands that tests run then take a package in another temporary
// directory for the same, so that what one has compiled, the next finds in the cache; they link without symbols, and
// collect no garbage before there is much of it. The tests themselves and their servers are as before.
func QuickBuilds() {
	for name, value := range map[string]string{
		"GOFLAGS": os.Getenv("GOFLAGS") + " -trimpath -ldflags=-s",
		"GOGC":    "off", "GOMEMLIMIT": "512MiB",
	} {
		if err := os.Setenv(name, value); err != nil {
			panic(err)
		}
	}
}

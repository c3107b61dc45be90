package prompt

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// readJSONFile returns the content of a regular file, without a byte order mark. The path may begin with "@", as in
// a flag's value.
func readJSONFile(path string, getenv func(string) string) (string, error) {
	const longestPath = 4096
	path = strings.TrimPrefix(path, "@")
	if len(path) > longestPath || strings.ContainsAny(path, "{}") {
		return "", errors.New("this is neither JSON that starts with { nor the path of a file")
	}
	path, err := expandHome(path, getenv)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("reading the file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("reading the file: %s is not a regular file", path)
	}
	if info.Size() > maxAnswer {
		return "", fmt.Errorf("reading %s: %w", path, errTooLong)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("reading the file: %w", err)
	}
	return strings.TrimSpace(strings.TrimPrefix(string(text), "\ufeff")), nil
}

func expandHome(path string, getenv func(string) string) (string, error) {
	rest, ok := strings.CutPrefix(path, "~/")
	if !ok {
		return path, nil
	}
	for _, name := range []string{"HOME", "USERPROFILE"} {
		if home := getenv(name); home != "" {
			return filepath.Join(home, rest), nil
		}
	}
	return "", fmt.Errorf("reading %s: HOME is not set", path)
}

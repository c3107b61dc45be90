package pypatch

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A version is the numbers of a release; what comes behind them, as rc1, is left out.
type version []int

func parseVersion(s string) version {
	var v version
	for part := range strings.SplitSeq(strings.TrimPrefix(strings.TrimSpace(s), "v"), ".") {
		end := strings.IndexFunc(part, func(r rune) bool { return r < '0' || r > '9' })
		if end < 0 {
			end = len(part)
		}
		n, err := strconv.Atoi(part[:end])
		if err != nil {
			break
		}
		if v = append(v, n); end < len(part) {
			break
		}
	}
	return v
}

// compare orders versions; missing numbers are 0.
func (v version) compare(w version) int {
	length := max(len(v), len(w))
	return slices.Compare(v.padded(length), w.padded(length))
}

func (v version) padded(length int) version {
	return append(slices.Clone(v), make(version, length-len(v))...)
}

// bump returns the first version behind all those that begin with the first n numbers of v.
func (v version) bump(n int) version {
	b := v.padded(max(n, len(v)))[:n]
	b[n-1]++
	return b
}

// blocks says whether a range of versions, as pip (PEP 440) or Poetry writes it, has none from least on. Of several ranges with
// || between them one is enough.
func blocks(versions string, least version) bool {
	for alternative := range strings.SplitSeq(versions, "||") {
		clauses := strings.Split(strings.Trim(alternative, " ()"), ",")
		if !slices.ContainsFunc(clauses, func(clause string) bool { return clauseBlocks(strings.TrimSpace(clause), least) }) {
			return false
		}
	}
	return true
}

// raised returns a range of versions with its lower end at now, where that is below it.
func raised(versions, now string, least version) string {
	at := regexp.MustCompile(`(?:^|[,\s])(?:>=|>|\^|~=|~|==)?\s*([0-9]+(?:\.[0-9]+)*)`).FindStringSubmatchIndex(versions)
	if at == nil || parseVersion(versions[at[2]:at[3]]).compare(least) >= 0 {
		return versions
	}
	return versions[:at[2]] + now + versions[at[3]:]
}

func clauseBlocks(clause string, least version) bool {
	number := strings.TrimLeft(clause, "<>=!~^ ")
	operator, v := strings.TrimSpace(strings.TrimSuffix(clause, number)), parseVersion(number)
	if len(v) == 0 {
		return false
	}
	series := func(n int) bool { return v.bump(max(n, 1)).compare(least) <= 0 }
	switch operator {
	case "", "=", "==", "===":
		if strings.HasSuffix(number, ".*") {
			return series(len(v))
		}
		return v.compare(least) < 0
	case "<":
		return v.compare(least) <= 0
	case "<=":
		return v.compare(least) < 0
	case "~=":
		return series(len(v) - 1)
	case "~":
		return series(min(len(v), 2))
	case "^":
		firstNumber := slices.IndexFunc(v, func(n int) bool { return n > 0 })
		if firstNumber < 0 {
			return series(len(v))
		}
		return series(firstNumber + 1)
	}
	return false
}

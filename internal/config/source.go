package config

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ParseAnswers reads an answers file: a YAML mapping from keys to values. The metadata may be a mapping
// or JSON text, scopes a list or text. name is the file's name, for messages.
func ParseAnswers(data []byte, name string) (Answers, []Problem) {
	var document map[string]any
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, []Problem{{Key: name, Text: "not a YAML mapping of answers: " + strings.Join(strings.Fields(err.Error()), " ")}}
	}
	answers := Answers{}
	var problems []Problem
	for key, value := range document {
		text, err := answerText(key, value)
		if err != nil {
			problems = append(problems, Problem{Key: key, Source: name, Text: err.Error()})
			continue
		}
		answers[key] = Answer{Value: text, Source: name}
	}
	slices.SortFunc(problems, func(a, b Problem) int { return strings.Compare(a.Key, b.Key) })
	return answers, problems
}

func answerText(key string, value any) (string, error) {
	known := slices.ContainsFunc(Fields(), func(f Field) bool { return f.Key == key })
	switch {
	case key == "client_secret":
		return "", fmt.Errorf("no secret belongs in an answers file: use %s with a file name, or the environment variable SK_CLIENT_SECRET", KeySecret)
	case !known:
		return "", fmt.Errorf("unknown key: use one of %s", strings.Join(keys(), ", "))
	case value == nil:
		return "", nil
	}
	switch v := value.(type) {
	case string:
		return v, nil
	case int:
		return fmt.Sprint(v), nil
	case []any:
		if key == KeyScopes {
			return joinScopes(v)
		}
	case map[string]any:
		if key == KeyMetadata {
			text, err := json.Marshal(v)
			return string(text), err
		}
	}
	return "", fmt.Errorf("has the wrong type: put the value in quotes")
}

func joinScopes(list []any) (string, error) {
	var scopes []string
	for _, item := range list {
		scope, ok := item.(string)
		if !ok || strings.ContainsAny(scope, ", ") {
			return "", fmt.Errorf("%v is not a scope: list scopes as text", item)
		}
		scopes = append(scopes, scope)
	}
	return strings.Join(scopes, ","), nil
}

func keys() []string {
	var keys []string
	for _, f := range Fields() {
		keys = append(keys, f.Key)
	}
	return keys
}

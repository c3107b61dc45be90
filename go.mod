module github.com/mcpauth/mcpauth

go 1.26.0

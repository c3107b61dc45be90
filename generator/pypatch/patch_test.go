package pypatch_test

import (
	"testing"
	"testing/fstest"

	"github.com/mcpauth/mcpauth/generator/pypatch"
	"github.com/mcpauth/mcpauth/generator/script"
)

// patch patches the only application of app/main.py in a project.
func patch(t *testing.T, files map[string]string, w script.Wish) (script.Patch, error) {
	t.Helper()
	project := make(fstest.MapFS)
	for name, text := range files {
		project[name] = &fstest.MapFile{Data: []byte(text)}
	}
	program, err := pypatch.Read(script.Project{FS: project, Name: "shop", Entry: "app/main.py"})
	if err != nil {
		return script.Patch{}, err
	}
	site, err := script.Choose(program.Sites(), "")
	if err != nil {
		return script.Patch{}, err
	}
	return program.Patch(site, w)
}

// TestHowOursIsImported wants the import that works however the program is started: as its own imports say, or as it is started.
func TestHowOursIsImported(t *testing.T) {
	const fastapi, creates = "from fastapi import FastAPI\n", "app = FastAPI()\n"
	const guard = "if __name__ == '__main__':\n    run(app)\n"
	for _, tc := range []struct {
		name, source string
		others       map[string]string
		want         string // empty where it is refused
	}{
		{"relative imports", fastapi + "from .db import db\n" + creates, nil, ".mcpauth"},
		{"imports from the root", fastapi + "from app.db import db\n" + creates, map[string]string{"app/db.py": ""}, "app.mcpauth"},
		{"imports from its directory", fastapi + "import db\n" + creates, map[string]string{"app/db.py": ""}, "mcpauth"},
		{"imports from outside", fastapi + "from shop.app.db import db\n" + creates, map[string]string{"app/db.py": ""}, "shop.app.mcpauth"},
		{"a package", fastapi + creates, map[string]string{"app/__init__.py": ""}, ".mcpauth"},
		{"a script", fastapi + creates + guard, nil, "mcpauth"},
		{"a package that runs", fastapi + creates + guard, map[string]string{"app/__init__.py": ""}, ""},
		{"a string for uvicorn", fastapi + creates + "if __name__ == '__main__':\n    uvicorn.run('app.main:app')\n", map[string]string{"app/__init__.py": ""}, "app.mcpauth"},
		{"an image", fastapi + creates, map[string]string{"Dockerfile": `CMD ["uvicorn", "app.main:app", "--port", "80"]`}, "app.mcpauth"},
		{"an image in its directory", fastapi + creates, map[string]string{"app/Dockerfile": `CMD uvicorn main:app`}, "mcpauth"},
		{"a module that is run", fastapi + creates, map[string]string{"Procfile": "web: python -m app.main"}, "app.mcpauth"},
		{"a file that is run", fastapi + creates, map[string]string{"Dockerfile": `CMD ["python3", "app/main.py"]`}, "mcpauth"},
		{"two ways to start", fastapi + creates, map[string]string{"Dockerfile": "uvicorn app.main:app", "Makefile": "cd app; uvicorn main:app"}, ""},
		{"nothing", fastapi + creates, nil, ""},
	} {
		files := map[string]string{"app/main.py": tc.source}
		for name, text := range tc.others {
			files[name] = text
		}
		p, err := patch(t, files, script.Wish{})
		if tc.want == "" {
			if err == nil {
				t.Errorf("%s: not refused", tc.name)
			}
			continue
		}
		if err != nil || p.Claim.ByHand[0] != "from "+tc.want+" import install_mcp" {
			t.Errorf("%s: %v, %v, want %s", tc.name, p.Claim.ByHand, err, tc.want)
		}
	}
}

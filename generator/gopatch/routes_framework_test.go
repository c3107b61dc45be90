package gopatch_test

import "testing"

func TestRoutingOfFrameworks(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, imports, source, want string }{
		{"gin", `"net/http"; "github.com/gin-gonic/gin"`, `
func main() {
	r := gin.Default()
	r.Use(nil)
	r.GET("/a/:id", nil, nil).GET("/b", nil)
	v1 := r.Group("/v1")
	routes(v1)
	admin(&r.RouterGroup)
	r.Match([]string{"GET", http.MethodPost}, "/d", nil)
	r.Static("/files", "dir")
	m := http.NewServeMux()
	m.HandleFunc("/m/e", nil)
	r.Any("/m/*rest", gin.WrapH(m))
	r.NoRoute(nil)
	r.Run()
}

func routes(g *gin.RouterGroup) { g.Group("/x").Handle("PUT", "/c", nil) }

func admin(g *gin.RouterGroup) { g.GET("/admin", nil) }`, "/ …; GET /a/:id; GET /admin; GET /b; GET,POST /d; GET /files …; /m/e; PUT /v1/x/c"},
		{"echo", `"github.com/labstack/echo/v4"`, `
func main() {
	e := echo.New()
	e.GET("/a/:id", nil)
	e.Add("PUT", "/b", nil)
	g := e.Group("/v1")
	g.POST("/c", nil)
	g.Group("/x").POST("", nil)
	e.Static("/files", "dir")
	e.Start("")
}`, "GET /a/:id; PUT /b; GET /files …; POST /v1/c; POST /v1/x"},
		{"fiber", `"github.com/gofiber/fiber/v2"`, `
func main() {
	app, sub := fiber.New(), fiber.New()
	app.Use(func(c *fiber.Ctx) error { return c.Next() })
	app.Get("/a/:id?", func(c *fiber.Ctx) error { c.Get("Accept"); return nil })
	app.Group("/v1").Get("/b", nil)
	app.Route("/v2", func(r fiber.Router) { r.Get("/c", nil) })
	sub.All("/d", nil)
	app.Mount("/sub", sub)
	app.Use("/gone", func(c *fiber.Ctx) error { return nil })
	app.Listen("")
}`, "GET /a/:id? …; /gone …; /sub/d; GET /v1/b; GET /v2/c"},
		{"fiber with a last handler", `"github.com/gofiber/fiber/v2"`, `
func main() {
	app := fiber.New()
	app.Use(lost)
	app.Listen("")
}

func lost(c *fiber.Ctx) error { return nil }`, "/ …"},
		{"chi with a heartbeat", `"net/http"; "github.com/go-chi/chi/v5"; "github.com/go-chi/chi/v5/middleware"`, `
func main() {
	r := chi.NewRouter()
	r.Use(middleware.Logger, middleware.Heartbeat("/health"))
	http.ListenAndServe("", r)
}`, "/health"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			survey, server := routed(t, "package main\n\nimport ("+tc.imports+")\n"+tc.source)
			if got := told(survey.Routing(server)); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

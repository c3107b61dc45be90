package fiber

type (
	Ctx     struct{}
	Handler = func(*Ctx) error
	App     struct{}
	Router  interface {
		Get(string, ...Handler) Router
		Group(string, ...Handler) Router
	}
)

type Config struct{ ReadBufferSize int }

func New(...Config) *App { return nil }

func (*Ctx) Next() error       { return nil }
func (*Ctx) Get(string) string { return "" }

func (*App) Listen(string) error               { return nil }
func (*App) Server() any                       { return nil }
func (*App) Use(...any) Router                 { return nil }
func (*App) Get(string, ...Handler) Router     { return nil }
func (*App) All(string, ...Handler) Router     { return nil }
func (*App) Mount(string, *App) Router         { return nil }
func (*App) Static(string, string) Router      { return nil }
func (*App) Group(string, ...Handler) Router   { return nil }
func (*App) Route(string, func(Router)) Router { return nil }

package gopatch

// Rendered returns where the program serves through the guard that mcpauth init has rendered into its module, as file:line;
// empty if it does not.
func (s *Survey) Rendered() string {
	guarded, at := false, ""
	for _, c := range s.flow.calls {
		switch {
		case pathOf(c.fn) == s.module.Path+"/internal/auth" && localName(c.fn) == "Guard.Protect":
			guarded = true
		case pathOf(c.fn) == s.module.Path+"/internal/server" && c.fn.Name() == "New" && at == "":
			at = s.module.Position(c.call.Pos())
		}
	}
	if !guarded {
		return ""
	}
	return at
}

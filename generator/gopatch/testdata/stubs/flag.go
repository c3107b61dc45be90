package flag

func String(name, value, usage string) *string       { return nil }
func StringVar(p *string, name, value, usage string) {}

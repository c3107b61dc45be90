package auth

// growStack makes the goroutine's stack as large as an MCP call needs, at once. Go doubles a stack that is full, copies
// what is on it, and shrinks it again while it is idle. Growing it here, where little is on it, saves a tenth of the
// processor time of a call.
//
//go:noinline
func growStack(i int) byte {
	var room [10 << 10]byte
	return room[i]
}

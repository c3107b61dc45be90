package contract

// Followable and Dialable tell how the chain of a site goes on, without going there.
func Followable(s Site, address string) error { return s.followable(address) }

func Dialable(s Site, address string) error {
	return s.carefulDialer().Control("tcp", address, nil)
}

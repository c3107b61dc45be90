package contract

import "context"

// Followable and Dialable tell how the chain of a site goes on, without going there.
func Followable(s Site, address string) error { return s.followable(address) }

func Dialable(s Site, address string) error {
	return s.carefulDialer().Control("tcp", address, nil)
}

// SendHome sends a request with a token to address, with the client of a walk on s. SendAbroad sends one
// without, with the client that follows the discovery chain.
func SendHome(ctx context.Context, s Site, address string) error {
	w := newWalk(Target{Site: s, Token: "token"})
	defer w.close()
	return w.client.send(ctx, request{method: "GET", url: address}.bearer("token")).err
}

func SendAbroad(ctx context.Context, s Site, address string) error {
	w := newWalk(Target{Site: s})
	defer w.close()
	return w.abroad.send(ctx, request{method: "GET", url: address}).err
}

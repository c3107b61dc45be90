package oauth

import "errors"

// State is what should outlive a restart: clients that registered themselves, and refresh tokens. Secrets are
// in it as hashes only.
type State struct {
	Clients  []Registration `json:"clients"`
	Families []Family       `json:"refresh_families"`
}

// State returns what there is now.
func (p *Provider) State() State {
	return State{Clients: p.clients.registered.all(), Families: p.grants.all()}
}

// Restore adds what an earlier State has returned. Of a state that is damaged it takes nothing.
func (p *Provider) Restore(state State) error {
	for _, client := range state.Clients {
		if client.ID == "" || len(client.RedirectURIs) == 0 {
			return errors.New("a client has no id or no redirect URI")
		}
		for _, uri := range client.RedirectURIs {
			if err := checkRedirectURI(uri); err != nil {
				return err
			}
		}
	}
	for _, family := range state.Families {
		if family.ID == "" || family.Hash == "" || family.ClientID == "" || family.Subject == "" || family.Resource == "" {
			return errors.New("a refresh token lacks its id, hash, client, user or resource")
		}
	}
	for _, client := range state.Clients {
		p.clients.registered.put(client.ID, client)
	}
	for _, family := range state.Families {
		p.grants.families.put(family.ID, family)
	}
	return nil
}

func (g *grants) all() []Family {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.families.all()
}

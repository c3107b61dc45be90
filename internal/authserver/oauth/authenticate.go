package oauth

import (
	"context"
	"errors"
	"net/http"
	"net/url"
)

// Methods of client authentication (RFC 7591 section 2).
const (
	authNone  = "none"
	authPost  = "client_secret_post"
	authBasic = "client_secret_basic"
)

// lookup finds a client by its id, wherever it is registered.
func (p *Provider) lookup(ctx context.Context, id string) (Registration, error) {
	if client, found := p.clients.find(id); found {
		return client, nil
	}
	if isDocumentURL(id) {
		return p.documents.find(ctx, id)
	}
	return Registration{}, refuse(invalidClient, "no such client: register again, or use a client ID metadata document")
}

// authenticate finds out which client a token request is from. A confidential client may use either of the
// two ways to send its secret, whichever it registered.
func (p *Provider) authenticate(r *http.Request) (Registration, error) {
	id, secret, err := credentials(r)
	if err != nil {
		return Registration{}, err
	}
	client, err := p.lookup(r.Context(), id)
	if err != nil {
		return Registration{}, err
	}
	switch {
	case client.public() && secret != nil:
		return Registration{}, refuse(invalidClient, "the client is registered without a secret, and must not send one")
	case client.public():
		return client, nil
	case secret == nil:
		return Registration{}, refuse(invalidClient, "the client must authenticate with its secret")
	case !client.knows(*secret):
		return Registration{}, refuse(invalidClient, "the client secret is wrong")
	}
	return client, nil
}

// credentials reads what a client says it is. Secret is nil when none was sent. Using two methods at once is
// refused (RFC 6749 section 2.3).
func credentials(r *http.Request) (id string, secret *string, err error) {
	form := r.PostForm
	user, password, basic := r.BasicAuth()
	if !basic {
		if r.Header.Get("Authorization") != "" {
			return "", nil, refuse(invalidClient, "the Authorization header must use the scheme Basic")
		}
		if form.Has("client_secret") {
			sent := form.Get("client_secret")
			secret = &sent
		}
		if form.Get("client_id") == "" {
			return "", nil, refuse(invalidRequest, "client_id is missing")
		}
		return form.Get("client_id"), secret, nil
	}
	// Both parts are form-encoded inside (RFC 6749 section 2.3.1).
	id, idErr := url.QueryUnescape(user)
	password, secretErr := url.QueryUnescape(password)
	switch {
	case errors.Join(idErr, secretErr) != nil:
		return "", nil, refuse(invalidClient, "the credentials in the Authorization header are not form-encoded")
	case form.Has("client_secret"), form.Has("client_id") && form.Get("client_id") != id:
		return "", nil, refuse(invalidRequest, "the client is named or authenticated in two ways")
	}
	return id, &password, nil
}

package authserver_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/mcpauth/mcpauth/internal/authserver"
)

func TestRequestLogNamesGrantsAndRefusals(t *testing.T) {
	t.Parallel()
	client := authserver.Client{ID: "m2m_1", Secret: "hunter2"}
	server := start(t, authserver.Options{Scopes: []string{"todo:read"}, Clients: []authserver.Client{client}})
	for _, form := range []url.Values{
		{"grant_type": {"client_credentials"}, "client_id": {client.ID}, "client_secret": {client.Secret}},
		{"grant_type": {"client_credentials"}, "client_id": {client.ID}, "client_secret": {"sesame"}},
		{"grant_type": {"hunter2"}},
	} {
		response, err := http.PostForm(server.Environment()+"/oauth/token", form)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
	log := server.Requests()
	for i, want := range []authserver.Request{
		{Status: http.StatusOK, Grant: "client_credentials", ClientID: client.ID},
		{Status: http.StatusUnauthorized, Grant: "client_credentials", Error: "invalid_client"},
		{Status: http.StatusBadRequest, Grant: "other", Error: "unsupported_grant_type"},
	} {
		want.Time, want.Method, want.Path = log[i].Time, http.MethodPost, "/oauth/token"
		if log[i] != want {
			t.Errorf("entry %d is %+v, want %+v", i, log[i], want)
		}
	}
}

func TestRequestLogHoldsNoQuery(t *testing.T) {
	t.Parallel()
	server := start(t, authserver.Options{})
	response, err := http.Get(server.Issuer() + "/oauth/authorize?state=sesame")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	log := server.Requests()
	if len(log) != 1 || strings.Contains(log[0].Path, "sesame") || log[0].Error != "invalid_request" {
		t.Errorf("log is %+v", log)
	}
}

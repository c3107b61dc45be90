"""Tests, which run offline: the authorization server is one of their own."""

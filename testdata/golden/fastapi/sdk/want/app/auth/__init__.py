"""Who may call this server (RFC 6750, RFC 8725, RFC 9728)."""

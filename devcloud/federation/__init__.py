"""What Apache's mod_auth_openidc does in front of a Keystone in production: let in bearers of valid tokens only."""

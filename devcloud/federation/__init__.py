"""What Apache's mod_auth_openidc does in front of a Keystone in production.

Only valid bearer tokens are accepted, and browsers are sent to the identity provider first.
"""

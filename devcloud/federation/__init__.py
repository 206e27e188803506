"""What Apache's mod_auth_openidc does in front of a Keystone in production.

Bearers of valid tokens only are let in, and browsers are sent to the identity provider first.
"""

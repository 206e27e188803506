"""The identity providers that tests log in at: the built-in one, npm's `oidc-provider`, Keycloak. Without pytest."""

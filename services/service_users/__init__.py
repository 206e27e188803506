"""Service users: logins for machines, each with a secret of its own that is handed over once.

    page ── asking.ask: create-service-user ──► worker: makes the credential with a secret that it chose itself
    worker ── envelope.put: the secret, encrypted, for two minutes, for the login that asked
    browser ── envelope.take, once ──► the files; what nobody took is revoked again

The register (models.ServiceUser) is what the cloud tells each owner, and what the portal knows of those it made.
"""

"""OpenStack: identity, what a project has there, and whether the services answer.

    federation = Federation(auth_url="https://keystone.example.org/v3", identity_provider="meshdeck")
    unscoped = session.unscoped(federation, access_token)
    project = identity.projects(federation, unscoped)[0]
    state = session.scoped(federation, unscoped, project.external_id)
    with session.connect(federation, state, endpoints) as connection:
        seen = inventory.read(connection)

`endpoints` comes from `catalog.discover` and is kept by the caller. Every cloud failure is raised as a `CloudError`.
"""

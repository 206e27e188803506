"""What is read from a cloud only when somebody asks, and for that person alone: a server's log, the way to its console.

    page ── asking.look: nothing kept ──► asking.ask: task (ids and the grant's handle)
    worker ── fetching.fetch: as the person ──► the answer, encrypted in the vault, for a minute
    page ── asking.look: there it is

Nothing of it is a row: it changes nothing, and may hold secrets.
"""

"""The whole foundation: two sites that share people and tokens."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from devfoundation.api import Api
from devfoundation.people import People
from devfoundation.settings import Settings
from devfoundation.tokens import Tokens
from devfoundation.uaa import Uaa
from devfoundation.web import Server


class Foundation:
    """API and UAA on the ports of their addresses."""

    def __init__(self, settings: Settings, api_port: int, uaa_port: int) -> None:
        people, tokens = People(settings), Tokens(settings)
        self.settings = settings
        self.servers = [
            Server(api_port, Api(settings, people, tokens).site()),
            Server(uaa_port, Uaa(settings, people, tokens).site()),
        ]

    @contextmanager
    def serving(self) -> Iterator["Foundation"]:
        """Serve until the block ends."""
        threads = [threading.Thread(target=server.serve_forever, daemon=True) for server in self.servers]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            for server in self.servers:
                server.shutdown()
                server.server_close()

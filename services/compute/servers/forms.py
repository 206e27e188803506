"""What the forms about one server share."""

from collections.abc import Mapping
from typing import Any

from projects.forms.base import ActionForm
from projects.forms.confirming import ConfirmForm
from projects.outcomes import Refusal
from services.compute.models import Server
from services.compute.servers.one_server import OneServer, P


class OfServer(ActionForm):
    """A form about the server `thing`."""

    @property
    def server(self) -> Server:
        """The server of the page."""
        server: Server = self.initial["thing"]
        return server

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        return {**super().as_params(cleaned), "server_id": self.server.external_id}


class OfServerConfirmed(ConfirmForm):
    """A form that confirms something about the server `thing`, with what else may be chosen."""

    def given(self) -> dict[str, Any]:
        return {"server_id": self.initial["thing"].external_id}

    def as_params(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        chosen = {name: value for name, value in cleaned.items() if name != "key" and value}
        return {**chosen, **self.given()}


def against(verb: OneServer[P], server: Server, params: P | None = None) -> Refusal | None:
    """Return what speaks against an action whatever is filled in, for its page to say at once."""
    reason = verb.why_not(server, params)
    return Refusal("", reason) if reason else None

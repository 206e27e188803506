"""Sending a change to a cloud exactly once. There are three forms, and every changing request takes one of them.

`create_once` makes a thing that carries the operation's mark. Who comes after a crash, or after an answer that never
came, looks for the mark, and sends anew only when the first request can't arrive any more (SETTLE).

`send` changes what shows by itself in the cloud: an attachment, a name, a size, a thing that is gone. The step looks
first, so that sending it again does no harm.

`send_once` does what does not show: a reboot, a state taken back. The cloud's own record of the thing tells, after a
crash, whether the request came through; of the operations on one thing one at a time sends.

All three write down under `<key>_sent_at` that something is about to be sent, before it is, and under `key` that the
cloud took it on. What the cloud refused is not written down any more. So whoever ends an operation knows what may have
been done (actions/outcome_unknown.py).

A credential with a secret is made by none of them: its secret is lost with the answer, so what was made is looked for
by its name, ended and made anew (services/service_users/actions/parts/making.py, which notes it before too).
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from clouds.errors import REFUSALS, CloudError
from projects.models import Operation
from projects.models.operation import OPEN
from projects.operations.memory import Memory
from projects.outcomes import Wait

T = TypeVar("T")

# What was sent to a cloud and not answered may still arrive there: for so long it is looked for before it is sent anew.
SETTLE = timedelta(seconds=20)
# What `send_once` remembers from before it sends until it is certain.
_NO_PLACE = {"place": None, "record": None}


class Sending(Memory):
    """The three forms, of one operation."""

    def create_once(self, key: str, find: Callable[[], Iterable[str]], create: Callable[[], str]) -> str | None:
        """Return the id of the one thing that this operation makes under `key`. None: not certain yet, wait and call
        again.

        `create` makes it, with the operation's mark; `find` gives the ids of things with that mark. That it is about
        to be made is written down before: a worker that comes after a crash, or after an answer that never came, looks
        for it first, for as long as the request may still be on its way.
        """
        if known := self.memory.get(key):
            return str(known)
        if not self._sent(f"{key}_sent_at"):
            made = self._send(f"{key}_sent_at", create)
        elif found := next(iter(find()), None):
            made = found
        elif self._settled(f"{key}_sent_at"):
            made = self._send(f"{key}_sent_at", create)
        else:
            return None
        self.accepted(**{key: made})
        return made

    def send(self, key: str, send: Callable[[], T]) -> T:
        """Have something done that shows by itself in the cloud when it has happened. It is `done` from then on.

        An earlier request that was not answered stays written down, whatever the answer to this one.
        """
        at = f"{key}_sent_at"
        answer = send() if self._sent(at) else self._send(at, send)
        self.accepted(**{key: timezone.now().isoformat()})
        return answer

    def send_unless(self, there: type[CloudError], key: str, send: Callable[[], object]) -> None:
        """Do the same, where an error says that somebody was faster: between our look and this it was done."""
        try:
            self.send(key, send)
        except there:
            self.accepted(**{key: timezone.now().isoformat()})

    def send_once(
        self,
        key: str,
        thing: str,
        *,
        record: Callable[[], T | None],
        arrived: Callable[[T], bool],
        send: Callable[[], object],
    ) -> Wait | None:
        """Has something done to a thing that can't be seen to be done already, such as a reboot. None: it was sent.

        `record` reads what the cloud keeps of the thing beforehand, as JSON; None when it is not the time to send.
        `arrived` tells by it, after a crash, whether the request came through. The record tells requests apart by
        person and kind only, so no other operation sends to the thing (its id) from before it is read until this one
        is certain.
        """
        if self.memory.get(key):
            return None
        at = f"{key}_sent_at"
        if self._sent(at):
            if not arrived(self.memory["record"]):
                if not self._settled(at):
                    return Wait(2, _("Looks whether the request has arrived."))
                self._send(at, send)
        else:
            if not self._take_place(thing):
                return Wait(1, _("Another operation is just at it."))
            known = record()
            if known is None:
                self.remember(**_NO_PLACE)
                return Wait(0)
            self._send(at, send, record=known)
        self.accepted(**{key: True, **_NO_PLACE})
        return None

    def forget(self, key: str, **facts: Any) -> None:
        """Forget what was sent under this key, which the cloud says has come to nothing: it may be sent anew."""
        self.remember(**{key: None, f"{key}_sent_at": None}, **facts)

    def leave(self) -> None:
        """Leave the place at the thing: what was to be sent is not needed any more, and others may send."""
        if self.memory.get("place"):
            self.remember(**_NO_PLACE)

    def _take_place(self, thing: str) -> bool:
        """Whether no other operation is about to send to the thing; from then on none is."""
        if self.memory.get("place") == thing:
            return True
        # What an operation has sent may still arrive when it has ended by itself or was cancelled.
        at_it = Q(state__in=OPEN) | Q(ended_at__gt=timezone.now() - SETTLE)
        with self.tenant.locked():
            if Operation.objects.filter(at_it, tenant=self.tenant, memory__place=thing).exists():
                return False
            self.remember(place=thing)
        return True

    def _sent(self, at: str) -> bool:
        return bool(self.memory.get(at))

    def _settled(self, at: str) -> bool:
        return timezone.now() - datetime.fromisoformat(self.memory[at]) > SETTLE

    def _send(self, at: str, send: Callable[[], T], **facts: Any) -> T:
        self.remember(**{at: timezone.now().isoformat()}, **facts)
        try:
            return send()
        except REFUSALS:
            self.remember(**{at: None}, **_NO_PLACE)  # nothing was done
            raise

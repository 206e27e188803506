"""What stands of an operation that was cancelled or has failed, where nobody knows whether the cloud did what it was
asked for: the worker died between sending and noting, or no answer came.

`Run.create_once`, `send_once` and `send` write down under `<key>_sent_at` that something is about to be sent, and under
`key` that the cloud took it on; what it refused is not written down any more.
"""

from django.utils.translation import gettext as _

from projects.models import Operation


def unsure_of(operation: Operation) -> list[str]:
    """Return the keys of all that was asked for, and of which nobody knows what came of it."""
    sent = [key.removesuffix("_sent_at") for key, at in operation.memory.items() if key.endswith("_sent_at") and at]
    return [key for key in sent if not operation.memory.get(key)]


def what_stands(operation: Operation) -> str:
    """Say what stays of any operation that has not reached its goal, by what it remembers of its requests."""
    if unsure_of(operation):
        return may_be_done()
    if operation.accepted_at is not None:
        return _("The cloud accepted the request and may still carry it out. What was done so far stays.")
    return _("Nothing was changed.")


def asked(operation: Operation, key: str) -> bool:
    """Whether the cloud may be at it, or be done with it: it was asked for, and did not refuse."""
    return bool(operation.memory.get(key) or operation.memory.get(f"{key}_sent_at"))


def unsure(operation: Operation, key: str) -> bool:
    """Whether it was asked for, and nobody knows what came of it."""
    return asked(operation, key) and not operation.memory.get(key)


def not_made(operation: Operation, key: str, name: str) -> str:
    """Return what stands of a thing that has no id under `key`; `name` is how to find it if it was made all the
    same.
    """
    return may_be(name) if unsure(operation, key) else _("Nothing was made.")


def may_be(name: str) -> str:
    """How to find a thing that may have been made."""
    said = _("It was asked for, and the answer is not known: %(name)s may have been made. Look before you try again.")
    return said % {"name": name}


def unchanged(operation: Operation, said: str) -> str:
    """`said`, where nothing was changed; that it may have been, where nobody knows; nothing where it was."""
    if unsure_of(operation):
        return may_be_done()
    return "" if operation.accepted_at is not None else said


def may_be_done() -> str:
    """Return a change that may have been made."""
    return _("It was asked for, and the answer is not known: it may have been done. Look before you try again.")

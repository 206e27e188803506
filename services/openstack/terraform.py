"""What is made, as resources of Terraform's OpenStack provider.

Source: developer.hashicorp.com/terraform/language/syntax/configuration; laid out as `terraform fmt` does it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True, slots=True)
class Ref:
    """An expression that stands as it is: Ref("openstack_blockstorage_volume_v3.data.id")."""

    text: str


Value: TypeAlias = "str | int | bool | Ref | Sequence[str] | Sequence[Ref]"
# A field's value, or the fields of a block in it (`network { … }`), or of several.
Fields: TypeAlias = "Mapping[str, Value | Mapping[str, Value] | Sequence[Mapping[str, Value]]]"


def resource(kind: str, name: str, fields: Fields) -> str:
    """`resource "kind" "name" { … }`. Fields that are "" or an empty list are left out."""
    return f'resource "{kind}" "{label(name)}" {_braced(fields, "")}'


def label(name: str) -> str:
    """Return a name as Terraform takes it for a resource: letters, figures, - and _, no figure first."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_-") or "this"
    return plain if re.match(r"[A-Za-z_]", plain) else f"_{plain}"


def attribute(kind: str, name: str, field: str = "id") -> Ref:
    """Return a field of a resource beside it: openstack_….data.id."""
    return Ref(f"{kind}.{label(name)}.{field}")


def quoted(text: str) -> str:
    """Return a string in quotes, with nothing that can't be seen. What Terraform would fill in (`${…}`) stays."""
    plain = "".join(_ESCAPES.get(one) or (one if one.isprintable() else f"\\U{ord(one):08x}") for one in text)
    return '"' + plain.replace("${", "$${").replace("%{", "%%{") + '"'


def _braced(fields: Fields, indent: str) -> str:
    plain = {key: _value(value) for key, value in fields.items() if not _blocks(value) and value not in ("", [], ())}
    widest = max(map(len, plain), default=0)
    lines = [f"{indent}  {key.ljust(widest)} = {text}" for key, text in plain.items()]
    for key, value in fields.items():
        for block in _blocks(value):
            lines += [""] if lines else []
            lines.append(f"{indent}  {key} {_braced(block, indent + '  ')}")
    return "\n".join(["{", *lines, f"{indent}}}"])


def _blocks(value: object) -> Sequence[Fields]:
    """Return the blocks that a field stands for; none for a plain value."""
    if isinstance(value, Mapping):
        return [value]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [one for one in value if isinstance(one, Mapping)]
    return []


def _value(value: object) -> str:
    match value:
        case Ref(text=text):
            return text
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case str():
            return quoted(value)
        case Sequence():
            return f"[{', '.join(_value(one) for one in value)}]"
        case _:
            raise TypeError(f"Terraform has no {type(value).__name__}.")

"""The pages of the wing, below a tenant."""

from typing import Any

in_tenant: list[Any] = []

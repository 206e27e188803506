"""Operations of the API that a wing brings besides lists and actions, below a tenant."""

from dataclasses import dataclass

from ninja import Router

from projects.registry import Registry


@dataclass(frozen=True, slots=True)
class Routes:
    """A router under a name of its own."""

    key: str
    router: Router


ROUTES: Registry[Routes] = Registry(Routes, lambda routes: routes.key)

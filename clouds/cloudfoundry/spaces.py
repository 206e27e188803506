"""The spaces that a person has a role in, from the Cloud Controller (v3-apidocs.cloudfoundry.org, Spaces, Roles)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel

from clouds.cloudfoundry.foundation import Foundation, fitting
from clouds.cloudfoundry.http import Http, Part
from clouds.cloudfoundry.tokens import Token
from clouds.errors import Garbled

_PER_PAGE = "500"
_MOST_PAGES = 200


@dataclass(frozen=True, slots=True)
class Space:
    """A space with its organization and the person's role types in both, such as `space_developer`."""

    guid: str
    name: str
    organization_guid: str
    organization: str
    roles: tuple[str, ...] = ()


class _Data(BaseModel):
    guid: str


class _To(BaseModel):
    data: _Data | None = None


class _SpaceRelations(BaseModel):
    organization: _To


class _SpaceRow(BaseModel):
    guid: str
    name: str
    relationships: _SpaceRelations


class _OrganizationRow(BaseModel):
    guid: str
    name: str


class _Included(BaseModel):
    organizations: list[_OrganizationRow] = []


class _RoleRelations(BaseModel):
    space: _To = _To()
    organization: _To = _To()


class _RoleRow(BaseModel):
    type: str
    relationships: _RoleRelations


class _Next(BaseModel):
    href: str


class _Pagination(BaseModel):
    next: _Next | None = None


class _Page(BaseModel):
    pagination: _Pagination


class _Spaces(_Page):
    resources: list[_SpaceRow]
    included: _Included = _Included()


class _Roles(_Page):
    resources: list[_RoleRow]


def mine(foundation: Foundation, token: Token) -> list[Space]:
    """Return all of the person's spaces with the person's own roles, sorted by organization and name.

    Two requests, more where the lists have several pages.
    """
    with Http(foundation.ca_bundle) as http:
        spaces, names = [], dict[str, str]()
        for body in _pages(http, foundation, "/v3/spaces", {"include": "organization"}, token):
            page = fitting(Part.CLOUD_CONTROLLER, _Spaces, body)
            spaces += page.resources
            names |= {one.guid: one.name for one in page.included.organizations}
        if not spaces:
            return []
        roles: dict[str, set[str]] = {}
        # Without the filter, the list holds the roles of everyone the person may see.
        for body in _pages(http, foundation, "/v3/roles", {"user_guids": token.user_id}, token):
            for role in fitting(Part.CLOUD_CONTROLLER, _Roles, body).resources:
                for to in (role.relationships.space.data, role.relationships.organization.data):
                    if to:
                        roles.setdefault(to.guid, set()).add(role.type)
    found = []
    for row in spaces:
        owner = row.relationships.organization.data
        if owner is None or owner.guid not in names:
            raise Garbled("Cloud Controller's response lacks the organization of a space.")
        told = roles.get(row.guid, set()) | roles.get(owner.guid, set())
        found.append(Space(row.guid, row.name, owner.guid, names[owner.guid], tuple(sorted(told))))
    return sorted(found, key=lambda space: (space.organization, space.name))


def _pages(
    http: Http, foundation: Foundation, path: str, params: dict[str, str], token: Token
) -> Iterator[dict[str, Any]]:
    """Yield each page of a list. A next link to another host is refused, because the token would go along."""
    url, query = f"{foundation.api_url}{path}", {**params, "per_page": _PER_PAGE}
    for _ in range(_MOST_PAGES):
        body = http.get(Part.CLOUD_CONTROLLER, url, query, token.value)
        yield body
        following = fitting(Part.CLOUD_CONTROLLER, _Page, body).pagination.next
        if following is None:
            return
        if urlsplit(following.href)[:2] != urlsplit(foundation.api_url)[:2]:
            raise Garbled("Cloud Controller's list continues on another host.")
        url, query = following.href, {}
    raise Garbled("Cloud Controller's list has no end.")

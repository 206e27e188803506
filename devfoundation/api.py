"""The Cloud Controller's API, version 3, as far as finding one's spaces needs (v3-apidocs.cloudfoundry.org)."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from devfoundation.people import People, User
from devfoundation.settings import Settings, Space, organization_guid
from devfoundation.tokens import Tokens
from devfoundation.web import Answer, Refused, Request, Site, json_answer

VERSION = "3.180.0"
MOST_PER_PAGE = 5000
_PAGING = {"page", "per_page", "order_by"}
_MADE = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
Row = dict[str, Any]


class Api:
    """The API's endpoints. Lists contain what the token's person may see."""

    def __init__(self, settings: Settings, people: People, tokens: Tokens) -> None:
        self.settings, self.people, self.tokens = settings, people, tokens

    def site(self) -> Site:
        """Return all of it as a WSGI application."""
        return Site(
            {
                "/": {"GET": self.root},
                "/v3": {"GET": self.v3},
                "/v3/info": {"GET": self.info},
                "/v3/organizations": {"GET": self.organizations},
                "/v3/spaces": {"GET": self.spaces},
                "/v3/roles": {"GET": self.roles},
            },
            missing=self.one,
        )

    def root(self, _request: Request) -> Answer:
        """Return the API root, without a login. Services that are missing here are null, as in a real foundation."""
        here, uaa = self.settings.api_url, self.settings.uaa_url
        return json_answer(
            {
                "links": {
                    "self": {"href": here},
                    "cloud_controller_v2": None,
                    "cloud_controller_v3": {"href": f"{here}/v3", "meta": {"version": VERSION}},
                    "login": {"href": uaa},
                    "uaa": {"href": uaa},
                    "network_policy_v1": None,
                    "logging": None,
                    "log_cache": None,
                    "credhub": None,
                    "routing": None,
                    "app_ssh": None,
                }
            }
        )

    def v3(self, _request: Request) -> Answer:
        """Return the links of version 3."""
        here = f"{self.settings.api_url}/v3"
        names = ("info", "organizations", "spaces", "roles")
        return json_answer({"links": {"self": {"href": here}} | {n: {"href": f"{here}/{n}"} for n in names}})

    def info(self, _request: Request) -> Answer:
        """Return information about the foundation."""
        return json_answer(
            {
                "name": self.settings.name,
                "build": "stand-in",
                "version": 0,
                "description": "Stand-in of a Cloud Foundry foundation",
                "cli_version": {"minimum": "", "recommended": ""},
                "custom": {},
                "links": {"self": {"href": f"{self.settings.api_url}/v3/info"}, "support": {"href": ""}},
            }
        )

    def organizations(self, request: Request) -> Answer:
        """List the organizations in which the person has a role."""
        user = self._user(request)
        _known(request, {"names", "guids"})
        rows = [self._organization(name) for name in dict.fromkeys(s.organization for s in self._visible(user))]
        return self._page(request, _chosen(request, rows, names="name", guids="guid"))

    def spaces(self, request: Request) -> Answer:
        """List the spaces in which the person has a role; `include=organization` adds their organizations."""
        user = self._user(request)
        _known(request, {"names", "guids", "organization_guids", "include"})
        rows = [self._space(space) for space in self._visible(user)]
        rows = _chosen(request, rows, names="name", guids="guid")
        if wanted := request.query.get("organization_guids"):
            guids = wanted.split(",")
            rows = [row for row in rows if row["relationships"]["organization"]["data"]["guid"] in guids]
        included = None
        if include := request.query.get("include"):
            if include not in ("organization", "org"):
                raise _refused(400, 10005, "CF-BadQueryParameter", f"Invalid included resource: '{include}'")
            owners = {row["relationships"]["organization"]["data"]["guid"] for row in rows}
            names = dict.fromkeys(space.organization for space in self._visible(user))
            included = {"organizations": [self._organization(n) for n in names if organization_guid(n) in owners]}
        return self._page(request, rows, included)

    def roles(self, request: Request) -> Answer:
        """List the person's own roles in spaces. A real foundation also lists other people's roles that one may see."""
        user = self._user(request)
        _known(request, {"guids", "types", "space_guids", "organization_guids", "user_guids"})
        rows = [_role(user, space, role) for space in self._visible(user) for role in user.roles_in(space)]
        rows = _chosen(request, rows, guids="guid", types="type")
        for parameter, kind in (
            ("space_guids", "space"),
            ("user_guids", "user"),
            ("organization_guids", "organization"),
        ):
            if wanted := request.query.get(parameter):
                rows = [
                    row for row in rows if (row["relationships"][kind]["data"] or {}).get("guid") in wanted.split(",")
                ]
        return self._page(request, rows)

    def one(self, request: Request) -> Answer:
        """Return one organization or space by its guid; 404 for one that the person may not see."""
        kind, _, guid = request.path.removeprefix("/v3/").partition("/")
        if request.method != "GET" or kind not in ("organizations", "spaces") or "/" in guid:
            return _error(404, 10000, "CF-NotFound", "Unknown request")
        try:
            visible = self._visible(self._user(request))
        except Refused as refused:
            return refused.answer
        for space in visible:
            if kind == "spaces" and space.guid == guid:
                return json_answer(self._space(space))
            if kind == "organizations" and space.organization_guid == guid:
                return json_answer(self._organization(space.organization))
        name = "Organization" if kind == "organizations" else "Space"
        return _error(404, 10010, "CF-ResourceNotFound", f"{name} not found")

    def _user(self, request: Request) -> User:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if not token:
            raise _refused(401, 10002, "CF-NotAuthenticated", "Authentication error")
        user_id = self.tokens.user_of_access(token) if scheme.lower() == "bearer" else None
        user = self.people.user(user_id or "")
        if user is None:
            raise _refused(401, 1000, "CF-InvalidAuthToken", "Invalid Auth Token")
        return user

    def _visible(self, user: User) -> list[Space]:
        return [space for space in self.settings.spaces if user.roles_in(space)]

    def _organization(self, name: str) -> Row:
        guid = organization_guid(name)
        links = {"self": {"href": f"{self.settings.api_url}/v3/organizations/{guid}"}}
        return {"guid": guid, **_MADE, "name": name, "suspended": False, "links": links}

    def _space(self, space: Space) -> Row:
        here = f"{self.settings.api_url}/v3"
        return {
            "guid": space.guid,
            **_MADE,
            "name": space.name,
            "relationships": {"organization": {"data": {"guid": space.organization_guid}}},
            "links": {
                "self": {"href": f"{here}/spaces/{space.guid}"},
                "organization": {"href": f"{here}/organizations/{space.organization_guid}"},
            },
        }

    def _page(self, request: Request, rows: Sequence[Row], included: Row | None = None) -> Answer:
        page, size = _number(request, "page", 1, None), _number(request, "per_page", 50, MOST_PER_PAGE)
        pages = max(1, -(-len(rows) // size))

        def link(number: int) -> Row:
            query = urlencode({**request.query, "page": number, "per_page": size})
            return {"href": f"{self.settings.api_url}{request.path}?{query}"}

        body: Row = {
            "pagination": {
                "total_results": len(rows),
                "total_pages": pages,
                "first": link(1),
                "last": link(pages),
                "next": link(page + 1) if page < pages else None,
                "previous": link(page - 1) if page > 1 else None,
            },
            "resources": rows[(page - 1) * size : page * size],
        }
        return json_answer(body if included is None else body | {"included": included})


def _role(user: User, space: Space, role: str) -> Row:
    return {
        "guid": f"{user.id}-{space.guid}-{role}",
        **_MADE,
        "type": role,
        "relationships": {
            "user": {"data": {"guid": user.id}},
            "space": {"data": {"guid": space.guid}},
            "organization": {"data": None},
        },
    }


def _chosen(request: Request, rows: list[Row], **fields: str) -> list[Row]:
    """Return the rows that match the filters; several values are separated by commas."""
    for parameter, field in fields.items():
        if wanted := request.query.get(parameter):
            rows = [row for row in rows if row[field] in wanted.split(",")]
    return rows


def _known(request: Request, parameters: set[str]) -> None:
    """Refuse unknown parameters, as the Cloud Controller does."""
    if unknown := sorted(set(request.query) - parameters - _PAGING):
        valid = ", ".join(f"'{name}'" for name in sorted(parameters | _PAGING))
        said = f"Unknown query parameter(s): '{unknown[0]}'. Valid parameters are: {valid}"
        raise _refused(400, 10005, "CF-BadQueryParameter", f"The query parameter is invalid: {said}")


def _number(request: Request, name: str, default: int, most: int | None) -> int:
    text = request.query.get(name, str(default))
    if not text.isdigit() or int(text) < 1 or (most and int(text) > most):
        said = f"The query parameter is invalid: {name.replace('_', ' ').capitalize()} must be a positive integer"
        raise _refused(400, 10005, "CF-BadQueryParameter", said)
    return int(text)


def _error(status: int, code: int, title: str, detail: str) -> Answer:
    errors: Mapping[str, object] = {"errors": [{"code": code, "title": title, "detail": detail}]}
    return json_answer(errors, status)


def _refused(status: int, code: int, title: str, detail: str) -> Refused:
    return Refused(_error(status, code, title, detail))

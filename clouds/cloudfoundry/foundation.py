"""A foundation's addresses: its API root names all of them (v3-apidocs.cloudfoundry.org, "Root")."""

import re
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from clouds.cloudfoundry.http import Http, Part
from clouds.errors import Garbled, Unreachable, bare_url

# A name or an address, with an optional port.
_HOST = re.compile(r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")
_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Foundation:
    """The addresses of a foundation, without a trailing slash. `version` is the Cloud Controller API's."""

    api_url: str
    login_url: str
    uaa_url: str
    version: str = ""
    ca_bundle: str = field(default="", repr=False)


class _Meta(BaseModel):
    version: str = ""


class _Link(BaseModel):
    href: str
    meta: _Meta = _Meta()


class _Links(BaseModel):
    cloud_controller_v3: _Link
    login: _Link
    uaa: _Link


class _Root(BaseModel):
    links: _Links


def describe(api_url: str, ca_bundle: str = "") -> Foundation:
    """Read the API root: one request, without a token. CloudError if it does not answer or is not a foundation's."""
    api_url = api_url.rstrip("/")
    if urlsplit(api_url).scheme not in ("http", "https"):
        raise Unreachable("The address of an API root begins with https://.", url=bare_url(api_url))
    with Http(ca_bundle) as http:
        root = fitting(Part.CLOUD_CONTROLLER, _Root, http.get(Part.CLOUD_CONTROLLER, f"{api_url}/"))
    links = root.links
    for part, link in ((Part.LOGIN, links.login), (Part.UAA, links.uaa)):
        # Browsers and tokens are sent there: accept only web addresses that are no less secure than the API's.
        scheme, _colon, rest = link.href.partition("://")
        less_safe = scheme == "http" and api_url.startswith("https:")
        # The host goes into the page's Content-Security-Policy.
        if scheme not in ("http", "https") or less_safe or not _HOST.fullmatch(rest.partition("/")[0]):
            raise Garbled(f"Cloud Controller gives an address for the {part.label} that can't be used.")
    return Foundation(
        api_url=api_url,
        login_url=links.login.href.rstrip("/"),
        uaa_url=links.uaa.href.rstrip("/"),
        version=links.cloud_controller_v3.meta.version,
        ca_bundle=ca_bundle,
    )


def fitting(part: Part, model: type[_Model], value: dict[str, Any]) -> _Model:
    """Return a part's answer as a model. Garbled, naming the field, when it does not fit."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(one) for one in fault["loc"]) or "the top level"
        raise Garbled(f"{part.label}'s response has an unexpected value at {where}: {fault['msg']}.") from None

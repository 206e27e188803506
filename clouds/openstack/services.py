"""The services of a cloud that Meshdeck uses, and their endpoints."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

Microversion = tuple[int, int]


class Service(StrEnum):
    """Official service types (service-types.openstack.org)."""

    IDENTITY = "identity"
    COMPUTE = "compute"
    NETWORK = "network"
    BLOCK_STORAGE = "block-storage"
    IMAGE = "image"
    OBJECT_STORE = "object-store"

    @property
    def label(self) -> str:
        """The service's name as used in a sentence."""
        return _LABELS[self]

    @property
    def catalog_types(self) -> tuple[str, ...]:
        """The names of the service in catalogues, best first."""
        return _CATALOG_TYPES.get(self, (self.value,))


_LABELS = {
    Service.IDENTITY: "Identity",
    Service.COMPUTE: "Compute",
    Service.NETWORK: "Network",
    Service.BLOCK_STORAGE: "Block storage",
    Service.IMAGE: "Images",
    Service.OBJECT_STORE: "Objects",
}
# `volume` and `volumev2` are versions that Meshdeck does not support.
_CATALOG_TYPES = {Service.BLOCK_STORAGE: ("block-storage", "volumev3", "block-store")}

# The newest microversions that our models are written for; an older cloud is spoken to with its own newest (Ocata:
# 2.42, 3.27). Compute 2.47 embeds the flavor in a server, 2.73 says why a server is locked. Block storage 3.60 is
# Train's.
OURS: Mapping[Service, Microversion] = {Service.COMPUTE: (2, 73), Service.BLOCK_STORAGE: (3, 60)}
EMBEDDED_FLAVOR: Microversion = (2, 47)

_PLACEHOLDER = "{project_id}"
_VERSION_IN_PATH = re.compile(r"/v\d+(\.\d+)?(/|$)")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a service answers, as discovery found it.

    `url` includes the version and has no trailing slash; `{project_id}` stands for the project's id. `version` is the
    API's, such as "2.1"; the microversions are empty where the service has none. `s3_url` serves the same objects over
    S3, empty if the cloud doesn't offer that.
    """

    service: Service
    url: str
    version: str = ""
    min_microversion: str = ""
    max_microversion: str = ""
    s3_url: str = ""

    @classmethod
    def templated(cls, service: Service, url: str, project_id: str | None) -> Self:
        """Make an endpoint for every project from the URL in one project's catalogue."""
        return cls(service, url.rstrip("/").replace(project_id, _PLACEHOLDER) if project_id else url.rstrip("/"))

    def for_project(self, project_id: str | None) -> str:
        """Return the URL for a project."""
        return self.url.replace(_PLACEHOLDER, project_id or "")

    @property
    def root(self) -> str:
        """The URL without the version, where the service lists its versions without a token."""
        match = _VERSION_IN_PATH.search(self.url)
        return (self.url[: match.start()] if match else self.url).rstrip("/")

    @property
    def microversion(self) -> Microversion | None:
        """The microversion to use: the smaller of ours and the cloud's newest. None if the service has none."""
        if self.service not in OURS or not self.max_microversion:
            return None
        return max(min(OURS[self.service], parse_microversion(self.max_microversion)), self._oldest)

    @property
    def _oldest(self) -> Microversion:
        return parse_microversion(self.min_microversion) if self.min_microversion else (0, 0)


def parse_microversion(text: str) -> Microversion:
    """Parse "2.96" into (2, 96). ValueError for anything else."""
    major, _, minor = text.partition(".")
    return int(major), int(minor or 0)


def by_service(endpoints: Iterable[Endpoint]) -> dict[Service, Endpoint]:
    """Return the endpoints keyed by their service."""
    return {endpoint.service: endpoint for endpoint in endpoints}

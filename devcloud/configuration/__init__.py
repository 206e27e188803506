"""The configuration files of a location, written before each start. Standard library only."""

from __future__ import annotations

import shutil
from pathlib import Path

from devcloud.configuration import cinder, glance, keystone, neutron, nova, placement, swift
from devcloud.layout import ENVIRONMENT, Location

WRITERS = {
    "keystone": keystone.files,
    "glance": glance.files,
    "placement": placement.files,
    "nova": nova.files,
    "neutron": neutron.files,
    "cinder": cinder.files,
    "swift": swift.files,
}

# Files that come with the packages and are used unchanged.
PACKAGED = (
    "glance/glance-api-paste.ini",
    "nova/api-paste.ini",
    "neutron/api-paste.ini",
    "cinder/api-paste.ini",
    "cinder/resource_filters.json",
)
FOLDERS = (
    "db",
    "lock",
    "glance/images",
    "glance/staging",
    "glance/tasks",
    "nova/instances",
    "cinder/volumes",
    "cinder/coordination",
    "neutron",
    "swift/disk",
    "keystone",
    "placement",
)


def write(location: Location) -> None:
    """Write every service's configuration and create the folders that it names."""
    for folder in FOLDERS:
        (location.data / folder).mkdir(parents=True, exist_ok=True)
    for folder in (location.etc, location.run, location.log):
        folder.mkdir(parents=True, exist_ok=True)
    for service, files in WRITERS.items():
        folder = location.etc / service
        folder.mkdir(exist_ok=True)
        for name, text in files(location).items():
            (folder / name).write_text(text)
    for name in PACKAGED:
        shutil.copyfile(ENVIRONMENT / "etc" / name, location.etc / name)


def config_file(location: Location, service: str) -> Path:
    """Return the path of a service's main configuration file."""
    return location.etc / service / ("glance-api.conf" if service == "glance" else f"{service}.conf")

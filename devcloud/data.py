"""The data folder of a location: created from the empty databases, saved once seeded, restored."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import sqlite3
from pathlib import Path

from devcloud import install, layout
from devcloud.configuration import keystone
from devcloud.layout import Location
from devcloud.trouble import Trouble

# In a seed folder: the data folder and the port base of the location that was seeded.
ADDRESS = "seeded-at"
# A seeded location has 30 MB; people and tests add to it.
SPACE_NEEDED = 200 << 20


def check_disk(location: Location) -> None:
    """Fail early if the disk is nearly full, instead of obscurely in some service later."""
    location.folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(location.folder).free
    if free < SPACE_NEEDED:
        raise Trouble(f"only {free >> 20} MiB are free in {location.folder}, 200 MiB are needed")
    probe = location.folder / ".probe"
    probe.write_text("")
    try:
        os.setxattr(probe, "user.devcloud", b"1")
    except OSError:
        raise Trouble(
            f"{location.folder} is on a file system without extended attributes, which Swift needs;"
            " set MESHDECK_STATE to a folder on another one"
        ) from None
    finally:
        probe.unlink()


def create(location: Location) -> None:
    """Create an empty cloud: databases with their schema, encryption keys, nothing else."""
    shutil.rmtree(location.data, ignore_errors=True)
    databases = location.data / "db"
    databases.mkdir(parents=True)
    for database in (install.schema_folder() / "data/db").glob("*.db"):
        shutil.copyfile(database, databases / database.name)
    with contextlib.closing(sqlite3.connect(databases / "nova_api.db")) as connection, connection:
        # The only place where a schema contains its folder.
        for cell in ("nova_cell0", "nova_cell1"):
            connection.execute(
                "UPDATE cell_mappings SET database_connection = ? WHERE database_connection LIKE ?",
                (f"sqlite:///{databases}/{cell}.db", f"%/{cell}.db"),
            )
    keystone.write_keys(location)


def seed_folder(location: Location) -> Path:
    """Return where a freshly seeded location's data is kept, shared by all state folders.

    There is one seed per environment and seed version. Everything that shapes the data is part of the name.
    """
    package = Path(__file__).parent
    shaping = [package / name for name in ("requirements.lock", "cast.py", "databases.py")]
    for folder in ("seed", "configuration", "drivers"):
        shaping += sorted((package / folder).glob("*.py"))
    return layout.ENVIRONMENT / f"seed-{install.fingerprint(*shaping)}" / location.name


def keep(location: Location) -> None:
    """Copy the data of a running, idle cloud to the seed folder."""
    target = seed_folder(location)
    partial = target.with_name(f"{target.name}-{os.getpid()}")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(location.data, partial, ignore=shutil.ignore_patterns("db", "lock"))
    (partial / "db").mkdir()
    for database in (location.data / "db").glob("*.db"):
        _copy_live(database, partial / "db" / database.name)
    (partial / ADDRESS).write_text(json.dumps([str(location.data), location.port_base]))
    try:
        partial.rename(target)
    except OSError as error:
        if error.errno != errno.ENOTEMPTY:
            raise
        # Another state folder was seeded at the same time and finished first.
        shutil.rmtree(partial)
    for outdated in layout.ENVIRONMENT.glob("seed-*"):
        if outdated != target.parent:
            shutil.rmtree(outdated)


def _copy_live(source: Path, target: Path) -> None:
    with contextlib.closing(sqlite3.connect(source)) as old, contextlib.closing(sqlite3.connect(target)) as new:
        old.backup(new)


def restore(location: Location) -> None:
    """Give a stopped location the seeded data. If this is interrupted, the next `up` repeats it."""
    location.whole_mark.unlink(missing_ok=True)
    shutil.rmtree(location.data, ignore_errors=True)
    shutil.copytree(seed_folder(location), location.data)
    _move(location, *json.loads((location.data / ADDRESS).read_text()))
    location.whole_mark.touch()


def _move(location: Location, old_data: str, old_port_base: int) -> None:
    """Replace the folder and ports of the seeded location everywhere they are stored."""
    databases = location.data / "db"
    paths = (("nova_api", "cell_mappings", "database_connection"), ("glance", "image_locations", "value"))
    for database, table, column in paths:
        with contextlib.closing(sqlite3.connect(databases / f"{database}.db")) as connection, connection:
            connection.execute(
                f"UPDATE {table} SET {column} = replace({column}, ?, ?)", (old_data + "/", f"{location.data}/")
            )
    with contextlib.closing(sqlite3.connect(databases / "keystone.db")) as connection, connection:
        for service in layout.SERVICES.values():
            old, new = (f":{base + service.port_offset}/" for base in (old_port_base, location.port_base))
            # Endpoints without a path end with the port.
            connection.execute("UPDATE endpoint SET url = rtrim(replace(url || '/', ?, ?), '/')", (old, new))

"""The data folder of a location: new from the empty databases, kept as pristine copy, brought back."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from pathlib import Path

from devcloud import install
from devcloud.configuration import keystone
from devcloud.layout import Location
from devcloud.trouble import Trouble

# A seeded location has 30 MB; people and tests add to it.
SPACE_NEEDED = 200 << 20


def check_disk(location: Location) -> None:
    """Find out early what would later be an obscure failure of some service."""
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
    """An empty cloud: databases with their schema, encryption keys, nothing else."""
    shutil.rmtree(location.data, ignore_errors=True)
    databases = location.data / "db"
    databases.mkdir(parents=True)
    for database in (install.schema_folder() / "data/db").glob("*.db"):
        shutil.copyfile(database, databases / database.name)
    with contextlib.closing(sqlite3.connect(databases / "nova_api.db")) as connection, connection:
        # The one place where a schema knows its folder.
        for cell in ("nova_cell0", "nova_cell1"):
            connection.execute(
                "UPDATE cell_mappings SET database_connection = ? WHERE database_connection LIKE ?",
                (f"sqlite:///{databases}/{cell}.db", f"%/{cell}.db"),
            )
    keystone.write_keys(location)


def keep(location: Location) -> None:
    """Copy the data of a running, idle cloud aside."""
    partial = location.folder / "pristine-partial"
    shutil.rmtree(partial, ignore_errors=True)
    shutil.rmtree(location.pristine, ignore_errors=True)
    shutil.copytree(location.data, partial, ignore=shutil.ignore_patterns("db", "lock"))
    (partial / "db").mkdir()
    for database in (location.data / "db").glob("*.db"):
        _copy_live(database, partial / "db" / database.name)
    (partial / location.whole_mark.name).touch()
    partial.rename(location.pristine)


def _copy_live(source: Path, target: Path) -> None:
    with contextlib.closing(sqlite3.connect(source)) as old, contextlib.closing(sqlite3.connect(target)) as new:
        old.backup(new)


def restore(location: Location) -> None:
    """Bring the pristine copy back to a stopped cloud. If this is cut short, the next `up` does it again."""
    location.whole_mark.unlink(missing_ok=True)
    shutil.rmtree(location.data, ignore_errors=True)
    # The mark comes last, whatever order the files are copied in.
    mark = location.whole_mark.name
    shutil.copytree(location.pristine, location.data, ignore=shutil.ignore_patterns(mark))
    location.whole_mark.touch()

"""Empty databases with today's schema, created once per environment and copied for each location.

Migrations take 20 s of processor time, their result is the same each time: `python -m devcloud.databases SERVICE
FOLDER` creates one service's databases in FOLDER/data/db. Runs inside the virtual environment.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from devcloud import configuration
from devcloud.cast import PASSWORD
from devcloud.layout import Location


def in_a_fork(main: Callable[[], int | None], *arguments: str) -> None:
    """Run an OpenStack command's main() in a child process: each wants an untouched global configuration."""
    child = os.fork()
    if child == 0:
        status = 1
        sys.argv = list(arguments)
        try:
            status = main() or 0
        except SystemExit as leaving:
            if isinstance(leaving.code, str):
                print(leaving.code, file=sys.stderr)
            else:
                status = leaving.code or 0
        except BaseException:  # noqa: BLE001
            # Nothing may escape into the parent's stack, which this child has a copy of.
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status if isinstance(status, int) else 1)
    if os.waitpid(child, 0)[1]:
        raise SystemExit(f"{' '.join(arguments)} failed")


def keystone(location: Location) -> None:
    from keystone.cmd import manage

    config = str(configuration.config_file(location, "keystone"))
    command = ("keystone-manage", "--config-file", config)
    in_a_fork(manage.main, *command, "db_sync")
    # Creates roles, the default domain and the administrator. No endpoint is named: the copy knows its own ports.
    in_a_fork(manage.main, *command, "bootstrap", "--bootstrap-password", PASSWORD)


def glance(location: Location) -> None:
    from glance.cmd import manage

    config = str(configuration.config_file(location, "glance"))
    in_a_fork(manage.main, "glance-manage", "--config-file", config, "db_sync")


def placement(location: Location) -> None:
    from placement.cmd import manage

    config = str(configuration.config_file(location, "placement"))
    in_a_fork(manage.main, "placement-manage", "--config-file", config, "db", "sync")


def nova(location: Location) -> None:
    os.environ["OS_NOVA_DISABLE_EVENTLET_PATCHING"] = "1"
    from nova.cmd import manage

    command = ("nova-manage", "--config-file", str(configuration.config_file(location, "nova")))
    cell = [f"sqlite:///{location.data}/db/nova_cell{number}.db" for number in (0, 1)]
    in_a_fork(manage.main, *command, "api_db", "sync")
    in_a_fork(manage.main, *command, "cell_v2", "map_cell0", "--database_connection", cell[0])
    in_a_fork(manage.main, *command, "db", "sync")
    in_a_fork(
        manage.main,
        *(*command, "cell_v2", "create_cell", "--name", "cell1"),
        *("--transport-url", "fake://", "--database_connection", cell[1]),
    )


def neutron(location: Location) -> None:
    """Create Neutron's tables from the models, since its migrations alter constraints, which SQLite can't.

    As Neutron's own tests do; the rows that a migration would have added follow, and the schema is stamped as up to
    date.
    """
    import sqlalchemy
    from neutron.db.migration import cli
    from neutron.db.migration.models import head
    from neutron.db.models.securitygroup_default_rules import SecurityGroupDefaultRule
    from sqlalchemy import orm

    engine = sqlalchemy.create_engine(f"sqlite:///{location.data}/db/neutron.db")
    head.get_metadata().create_all(engine)
    with orm.Session(engine) as session, session.begin():
        for direction, remote_group, in_other_groups in (("egress", None, True), ("ingress", "PARENT", False)):
            for ethertype in ("IPv4", "IPv6"):
                session.add(
                    SecurityGroupDefaultRule(
                        direction=direction,
                        ethertype=ethertype,
                        remote_group_id=remote_group,
                        used_in_default_sg=True,
                        used_in_non_default_sg=in_other_groups,
                        description=f"Default rule for {direction}",
                    )
                )
    engine.dispose()
    config = str(configuration.config_file(location, "neutron"))
    in_a_fork(cli.main, "neutron-db-manage", "--config-file", config, "stamp", "heads")


def cinder(location: Location) -> None:
    os.environ["OS_CINDER_DISABLE_EVENTLET_PATCHING"] = "1"
    from cinder.cmd import manage

    config = str(configuration.config_file(location, "cinder"))
    in_a_fork(manage.main, "cinder-manage", "--config-file", config, "db", "sync")


# The slowest first, so that two can be made side by side without a long tail.
MAKERS = {
    "nova": nova,
    "keystone": keystone,
    "neutron": neutron,
    "cinder": cinder,
    "glance": glance,
    "placement": placement,
}

if __name__ == "__main__":
    from devcloud.patches import sqlite

    sqlite.apply()
    MAKERS[sys.argv[1]](Location("schema", Path(sys.argv[2]), 0))

"""`devcloud` on its own location that gets killed, frozen, filled and reset."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.cloud.conftest import Devcloud
from tests.support import environment

SOUTH = ("--location", "south")


@pytest.fixture(scope="module")
def cloud() -> Iterator[Devcloud]:
    """Run only south, beside the test run's other clouds."""
    cloud = Devcloud(environment.STATE / "mending", environment.CLOUD_PORT - 2000)
    cloud.run("up", *SOUTH)
    yield cloud
    cloud.run("down", *SOUTH)
    shutil.rmtree(cloud.state)


def pids(cloud: Devcloud) -> dict[str, int]:
    services = cloud.status(*SOUTH)["locations"]["south"]["services"]
    return {name: service["pid"] for name, service in services.items()}


def is_up(cloud: Devcloud) -> bool:
    return bool(cloud.status(*SOUTH)["locations"]["south"]["up"])


def kill(cloud: Devcloud, *victims: int) -> None:
    for pid in victims:
        os.kill(pid, signal.SIGKILL)
    # A killed process disappears only a moment later.
    while set(pids(cloud).values()) & set(victims):
        time.sleep(0.1)


def test_up_on_a_running_cloud_says_so_and_changes_nothing(cloud: Devcloud) -> None:
    before = pids(cloud)
    assert "is up already" in cloud.run("up", *SOUTH).stderr
    assert pids(cloud) == before


def test_one_killed_process_is_started_again(cloud: Devcloud) -> None:
    before = pids(cloud)
    kill(cloud, before["neutron"])
    assert not is_up(cloud)
    assert "(neutron)" in cloud.run("up", *SOUTH).stderr
    after = pids(cloud)
    assert {name for name in before if before[name] != after[name]} == {"neutron"}


def test_the_first_requests_of_a_new_neutron_see_everything_even_in_a_burst(cloud: Devcloud) -> None:
    network = cloud.connect("south-atlas-member").network
    network.get_endpoint_data()  # so that the burst needs no other request first
    kill(cloud, pids(cloud)["neutron"])
    cloud.run("up", *SOUTH)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: network.get("/networks").json()["networks"], range(12)))
    assert {len(networks) for networks in answers} == {len(answers[0])}
    assert answers[0]


def test_a_frozen_process_is_replaced(cloud: Devcloud) -> None:
    frozen = pids(cloud)["placement"]
    os.kill(frozen, signal.SIGSTOP)
    assert "placement runs but does not answer" in cloud.run("up", *SOUTH).stderr
    assert pids(cloud)["placement"] != frozen


def test_one_service_can_be_stopped_and_brought_back(cloud: Devcloud) -> None:
    cloud.run("down", *SOUTH, "--service", "volume")
    assert [name for name, pid in pids(cloud).items() if pid is None] == ["cinder"]
    cloud.run("up", *SOUTH)
    assert is_up(cloud)


def test_data_survive_a_crash_and_a_reset_brings_back_the_seed(cloud: Devcloud) -> None:
    member = cloud.connect("south-atlas-member")
    member.block_storage.create_volume(name="kept", size=1)
    member.object_store.upload_object("mirror", "kept", data=b"x")
    kill(cloud, *pids(cloud).values())
    cloud.run("up", *SOUTH)
    member = cloud.connect("south-atlas-member")
    assert "kept" in {volume.name for volume in member.block_storage.volumes()}
    assert member.object_store.download_object("kept", "mirror") == b"x"
    server = member.compute.find_server("web-02")
    member.compute.stop_server(server)
    member.compute.wait_for_server(server, "SHUTOFF", interval=0.2, wait=30)

    # What an interrupted reset leaves behind.
    (cloud.state / "devcloud/south/data/whole").unlink()
    cloud.run("up", *SOUTH)
    member = cloud.connect("south-atlas-member")
    assert {volume.name for volume in member.block_storage.volumes()} == {
        "pg-replica-01",
        "web-assets-01",
        "archive-01",
    }
    assert {obj.name for obj in member.object_store.objects("mirror")} == {f"assets/part-{n}.tar" for n in range(1, 6)}
    assert member.compute.find_server("web-02").status == "ACTIVE"


def test_two_commands_at_once_do_not_fight(cloud: Devcloud) -> None:
    cloud.run("down", *SOUTH)
    command = [sys.executable, "-m", "devcloud", "up", *SOUTH]
    variables = {"MESHDECK_STATE": str(cloud.state), "DEVCLOUD_PORT_BASE": str(cloud.port_base)}
    both = [
        subprocess.Popen(command, cwd=environment.ROOT, env=os.environ | variables, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = "".join(process.communicate()[1] for process in both)
    assert [process.returncode for process in both] == [0, 0]
    assert "waiting for another devcloud command" in said
    assert "is up already" in said


def lines(done: subprocess.CompletedProcess[str]) -> list[str]:
    assert done.returncode != 0
    return done.stderr.strip().splitlines()


def test_a_taken_port_is_named_with_its_process(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        (line,) = lines(Devcloud(tmp_path, port - 1000).run("up", *SOUTH, check=False))
    assert re.search(rf"south: port {port} \(keystone\) is in use by process {os.getpid()} ", line)


def test_data_of_other_ports_are_refused(cloud: Devcloud) -> None:
    elsewhere = Devcloud(cloud.state, cloud.port_base - 200)
    (line,) = lines(elsewhere.run("up", *SOUTH, check=False))
    assert f"was created for port {cloud.port_base + 1000}" in line


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (line,) = lines(Devcloud(tmp_path / "file", 21000).run("up", *SOUTH, check=False))
    assert str(tmp_path / "file") in line


def test_an_old_python_is_told_so() -> None:
    code = (
        "import sys; sys.version_info = (3, 10, 0); sys.version = '3.10.0'; import runpy; runpy.run_module('devcloud')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=environment.ROOT, capture_output=True, text=True, check=False
    )
    assert lines(done) == ["devcloud: Python 3.11 or later is needed, this is 3.10.0"]

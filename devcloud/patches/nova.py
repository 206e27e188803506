"""Run Nova in one process with a fake hypervisor."""

from __future__ import annotations

from nova.scheduler.client import report
from nova.virt import fake

from devcloud.drivers.compute import DevcloudDriver


def apply() -> None:
    # compute_driver names a class below nova.virt, so the driver has to be placed there.
    fake.DevcloudDriver = DevcloudDriver
    # At each boot Nova asks Placement for the allocations of every server on the host, one request each: 2 s per boot
    # with 200 servers. They serve reshapes and PCI devices only, and a fake hypervisor has neither.
    report.SchedulerReportClient.get_allocations_for_provider_tree = lambda self, context, nodename: {}

"""Nova's fake hypervisor, with a memory and with snapshots."""

from __future__ import annotations

import io

from nova import context as nova_context
from nova import objects
from nova.compute import power_state, task_states, vm_states
from nova.image import glance
from nova.virt import fake


class DevcloudDriver(fake.FakeDriverWithoutFakeNodes):
    # Large enough for the quotas of all seeded projects with room for tests beside them.
    vcpus = 64
    memory_mb = 1024 * 1024
    local_gb = 20_000

    def init_host(self, host):
        """Restore the servers after a restart; the parent class begins with none and would fail to stop them."""
        super().init_host(host)
        context = nova_context.get_admin_context()
        for server in objects.InstanceList.get_by_host(context, host, expected_attrs=["flavor"]):
            if server.vm_state in (vm_states.DELETED, vm_states.ERROR, vm_states.SHELVED_OFFLOADED):
                continue
            running = server.vm_state == vm_states.ACTIVE
            state = power_state.RUNNING if running else server.power_state or power_state.SHUTDOWN
            flavor = server.flavor
            self.resources.claim(vcpus=flavor.vcpus, mem=flavor.memory_mb, disk=flavor.root_gb)
            self.instances[server.uuid] = fake.FakeInstance(server.name, state, server.uuid)

    def snapshot(self, context, instance, image_id, update_task_state):
        """Upload a few bytes as the image; the parent class uploads nothing and the image stays "queued"."""
        update_task_state(task_state=task_states.IMAGE_PENDING_UPLOAD)
        update_task_state(task_state=task_states.IMAGE_UPLOADING, expected_state=task_states.IMAGE_PENDING_UPLOAD)
        glance.API().update(
            context,
            image_id,
            {"disk_format": "raw", "container_format": "bare", "properties": {}},
            data=io.BytesIO(b"snapshot of server " + instance.uuid.encode()),
        )

    def detach_volume(self, context, connection_info, instance, mountpoint, encryption=None):
        """Ignore mounts from before a restart: the parent class keeps its mounts in memory."""
        if mountpoint in self._mounts.get(instance.name, {}):
            super().detach_volume(context, connection_info, instance, mountpoint, encryption)

    def detach_interface(self, context, instance, vif):
        """Ignore interfaces attached before a restart, which the parent class does not know."""
        self._interfaces.setdefault(vif["id"], vif)
        super().detach_interface(context, instance, vif)

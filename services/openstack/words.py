"""The words of OpenStack's services and measures, for pages, forms and actions, which call no cloud."""

from django.utils.translation import gettext_lazy as _

from clouds.openstack.inventory.values import Measure as Counted
from clouds.openstack.services import Service
from projects import platforms
from projects.platforms import Measure

__all__ = ["MEASURES", "SERVICES", "Service"]

SERVICES = (
    platforms.Service(Service.IDENTITY.value, _("Identity"), "Keystone"),
    platforms.Service(Service.COMPUTE.value, _("Compute"), "Nova"),
    platforms.Service(Service.NETWORK.value, _("Network"), "Neutron"),
    platforms.Service(Service.BLOCK_STORAGE.value, _("Block storage"), "Cinder"),
    platforms.Service(Service.IMAGE.value, _("Images"), "Glance"),
    platforms.Service(Service.OBJECT_STORE.value, _("Objects"), "Swift"),
)
_COMPUTE, _NETWORK, _VOLUMES = Service.COMPUTE.value, Service.NETWORK.value, Service.BLOCK_STORAGE.value
MEASURES = (
    Measure(Counted.VCPUS.value, _("vCPUs"), _COMPUTE, place=1),
    Measure(Counted.RAM_MB.value, _("Memory"), _COMPUTE, "GB", 1024, place=3),
    Measure(Counted.SERVERS.value, _("Servers"), _COMPUTE, place=5),
    Measure(Counted.SERVER_GROUPS.value, _("Server groups"), _COMPUTE),
    Measure(Counted.KEY_PAIRS.value, _("Key pairs"), _COMPUTE),
    Measure(Counted.VOLUME_GB.value, _("Volume storage"), _VOLUMES, "GB", place=2),
    Measure(Counted.VOLUMES.value, _("Volumes"), _VOLUMES, place=4),
    Measure(Counted.SNAPSHOTS.value, _("Snapshots"), _VOLUMES, place=6),
    Measure(Counted.BACKUPS.value, _("Backups"), _VOLUMES),
    Measure(Counted.BACKUP_GB.value, _("Backup storage"), _VOLUMES, "GB"),
    Measure(Counted.FLOATING_IPS.value, _("Floating IPs"), _NETWORK, place=7),
    Measure(Counted.NETWORKS.value, _("Networks"), _NETWORK, place=8),
    Measure(Counted.SUBNETS.value, _("Subnets"), _NETWORK),
    Measure(Counted.PORTS.value, _("Ports"), _NETWORK),
    Measure(Counted.ROUTERS.value, _("Routers"), _NETWORK),
    Measure(Counted.SECURITY_GROUPS.value, _("Security groups"), _NETWORK, place=9),
    Measure(Counted.SECURITY_GROUP_RULES.value, _("Security group rules"), _NETWORK, place=10),
    Measure(Counted.OBJECT_BYTES.value, _("Object storage"), Service.OBJECT_STORE.value, "GB", 10**9),
)

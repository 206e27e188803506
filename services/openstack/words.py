"""The words of OpenStack's services and measures, for pages, forms and actions, which call no cloud."""

from django.utils.translation import gettext_lazy as _

from clouds.openstack.inventory.values import Measure
from clouds.openstack.services import Service
from projects import platforms

__all__ = ["MEASURES", "SERVICES", "Measure", "Service"]

SERVICES = (
    platforms.Service(Service.IDENTITY.value, _("Identity"), "Keystone"),
    platforms.Service(Service.COMPUTE.value, _("Compute"), "Nova"),
    platforms.Service(Service.NETWORK.value, _("Network"), "Neutron"),
    platforms.Service(Service.BLOCK_STORAGE.value, _("Block storage"), "Cinder"),
    platforms.Service(Service.IMAGE.value, _("Images"), "Glance"),
    platforms.Service(Service.OBJECT_STORE.value, _("Objects"), "Swift"),
)
# Where to find what can be freed.
_SERVERS = "servers", _("find servers to delete")
_VOLUMES_LIST = "volumes", _("find volumes to delete")
_NETWORKS = "networks", _("find networks to delete")
_GROUPS = "security-groups", _("find security groups to delete")
_COMPUTE, _NETWORK, _VOLUMES = Service.COMPUTE.value, Service.NETWORK.value, Service.BLOCK_STORAGE.value
MEASURES = (
    platforms.Measure(Measure.VCPUS.value, _("vCPUs"), _COMPUTE, place=1, freed_in=_SERVERS, plot=1),
    platforms.Measure(Measure.RAM_MB.value, _("Memory"), _COMPUTE, "GB", 1024, place=3, freed_in=_SERVERS, plot=2),
    platforms.Measure(Measure.SERVERS.value, _("Servers"), _COMPUTE, place=5, freed_in=_SERVERS, plot=3),
    platforms.Measure(Measure.SERVER_GROUPS.value, _("Server groups"), _COMPUTE),
    platforms.Measure(Measure.KEY_PAIRS.value, _("Key pairs"), _COMPUTE),
    platforms.Measure(
        Measure.VOLUME_GB.value, _("Volume storage"), _VOLUMES, "GB", place=2, freed_in=_VOLUMES_LIST, plot=4
    ),
    platforms.Measure(Measure.VOLUMES.value, _("Volumes"), _VOLUMES, place=4, freed_in=_VOLUMES_LIST),
    platforms.Measure(
        Measure.SNAPSHOTS.value,
        _("Snapshots"),
        _VOLUMES,
        place=6,
        freed_in=("snapshots", _("find snapshots to delete")),
    ),
    platforms.Measure(Measure.BACKUPS.value, _("Backups"), _VOLUMES),
    platforms.Measure(Measure.BACKUP_GB.value, _("Backup storage"), _VOLUMES, "GB"),
    platforms.Measure(
        Measure.FLOATING_IPS.value,
        _("Floating IPs"),
        _NETWORK,
        place=7,
        plot=5,
        freed_in=("floating-ips", _("find floating IPs to release")),
    ),
    platforms.Measure(Measure.NETWORKS.value, _("Networks"), _NETWORK, place=8, freed_in=_NETWORKS),
    platforms.Measure(Measure.SUBNETS.value, _("Subnets"), _NETWORK, freed_in=_NETWORKS),
    platforms.Measure(Measure.PORTS.value, _("Ports"), _NETWORK),
    platforms.Measure(Measure.ROUTERS.value, _("Routers"), _NETWORK, freed_in=("routers", _("find routers to delete"))),
    platforms.Measure(Measure.SECURITY_GROUPS.value, _("Security groups"), _NETWORK, place=9, freed_in=_GROUPS),
    platforms.Measure(
        Measure.SECURITY_GROUP_RULES.value, _("Security group rules"), _NETWORK, place=10, freed_in=_GROUPS
    ),
    platforms.Measure(Measure.OBJECT_BYTES.value, _("Object storage"), Service.OBJECT_STORE.value, "GB", 10**9),
)

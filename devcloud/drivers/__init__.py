"""The parts of a cloud that would need root: hypervisor, disks, switches, routers. These only keep records."""

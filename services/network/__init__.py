"""Networking: networks, routers, floating IPs and security groups (Neutron)."""

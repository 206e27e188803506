from projects.wings import Wing


class OpenstackConfig(Wing):
    name = "services.openstack"
    label = "openstack"

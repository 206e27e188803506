from projects.wings import Wing


class NetworkConfig(Wing):
    name = "services.network"
    label = "network"

from projects.wings import Wing


class ComputeConfig(Wing):
    name = "services.compute"
    label = "compute"

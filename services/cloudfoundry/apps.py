from projects.wings import Wing


class CloudfoundryConfig(Wing):
    name = "services.cloudfoundry"
    label = "cloudfoundry"

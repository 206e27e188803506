from projects.wings import Wing


class ServiceUsersConfig(Wing):
    name = "services.service_users"
    label = "service_users"

from projects.wings import Wing


class ObjectStorageConfig(Wing):
    name = "services.object_storage"
    label = "object_storage"

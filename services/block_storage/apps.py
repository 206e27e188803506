from projects.wings import Wing


class BlockStorageConfig(Wing):
    name = "services.block_storage"
    label = "block_storage"

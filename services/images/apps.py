from projects.wings import Wing


class ImagesConfig(Wing):
    name = "services.images"
    label = "images"

from projects.wings import Wing


class ToyConfig(Wing):
    name = "tests.toy"
    label = "toy"

from django.contrib.auth.backends import ModelBackend


class OpenIDBackend(ModelBackend):
    pass

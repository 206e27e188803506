"""How the provider stores clients' secrets."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class ClientSecretHasher(PBKDF2PasswordHasher):
    """A fast hash for clients' secrets, which are long and random: slowing down guesses gains nothing.

    With the users' million iterations, each code exchange and each refresh would cost the portal a third of a second.
    """

    algorithm = "pbkdf2_sha256_client"
    iterations = 1_000

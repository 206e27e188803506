"""A hasher of passwords that everybody knows."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class QuickHasher(PBKDF2PasswordHasher):
    """PBKDF2 with a thousandth of the rounds: a test run logs in a thousand times."""

    algorithm = "pbkdf2_sha256_quick"
    iterations = 1_000

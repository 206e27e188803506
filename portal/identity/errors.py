"""What can go wrong between the portal and the identity provider, one class per outcome.

`portal.identity.views` and the middleware turn each into a page; workers see them from `portal.identity.vault`.
Texts never hold a token, a code or a state.
"""


class IdentityFault(Exception):
    """Root of all of them."""


class ProviderUnreachable(IdentityFault):
    """The provider is down, slow, answers 5xx or rubbish: the same request may work later."""


class ProviderRefused(IdentityFault):
    """The provider understood and said no (RFC 6749, section 5.2). `error` is its code, such as invalid_grant."""

    def __init__(self, error: str, description: str = "") -> None:
        super().__init__(f"{error}: {description}" if description else error)
        self.error = error
        self.description = description


class LoginRefused(IdentityFault):
    """This login is not let in: a state, a token or a person that does not fit. The text is for the log."""


class SessionEnded(IdentityFault):
    """The grant can't be renewed for good: the person has to log in again."""


class VaultKeyError(IdentityFault):
    """None of MESHDECK_VAULT_KEYS opens what the vault holds, or a key is malformed."""


class OfflineRefused(IdentityFault):
    """There is no offline token to be had by this login; what came of it was revoked again. `why` says what for."""

    LEFT_OUT = "left_out"  # the person, or the provider, did not grant it
    SOMEBODY_ELSE = "somebody_else"  # another person logged in at the provider
    NOT_SPENT = "not_spent"  # the provider does not change refresh tokens, so the portal would keep one that works

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why

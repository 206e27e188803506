"""What can go wrong between the portal and the identity provider, one class per outcome.

`portal.identity.views` and the middleware turn each into a page; workers get them from `portal.identity.vault`.
Messages never hold a token, a code or a state.
"""


class IdentityFault(Exception):
    """Base class of these errors."""


class ProviderUnreachable(IdentityFault):
    """The provider is down, slow, or answers 5xx or garbage: the same request may work later."""


class ProviderRefused(IdentityFault):
    """The provider refused the request (RFC 6749, section 5.2). `error` is its code, such as invalid_grant."""

    def __init__(self, error: str, description: str = "") -> None:
        super().__init__(f"{error}: {description}" if description else error)
        self.error = error
        self.description = description


class LoginRefused(IdentityFault):
    """This login is refused: its state, token or person failed a check. The message is for the log."""


class SessionEnded(IdentityFault):
    """The grant can't be renewed any more: the person has to log in again."""


class VaultKeyError(IdentityFault):
    """None of MESHDECK_VAULT_KEYS decrypts what the vault holds, or a key is malformed."""


class OfflineRefused(IdentityFault):
    """This login yields no offline token; anything issued was revoked. `why` is the reason."""

    LEFT_OUT = "left_out"  # the person, or the provider, did not grant it
    SOMEBODY_ELSE = "somebody_else"  # another person logged in at the provider
    NOT_SPENT = "not_spent"  # the provider does not rotate refresh tokens, so the portal's copy would still work

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why

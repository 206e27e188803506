"""What a file is made of. Nothing in here knows of Django's models or of a request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Place:
    """A tenant as the openstack command needs it.

    `name` is what its entry in clouds.yaml is called; `project` and `location` are slugs, `project_name` is the cloud's
    own and may hold anything; without its domain's id it says nothing to Keystone. `trusts_callback`: Keystone sends
    browsers back to the person's machine (v3websso). `ca_bundle` are the PEM certificates of a cloud whose authority is
    its own.
    """

    name: str
    project: str
    location: str
    project_id: str
    project_name: str
    domain_id: str
    auth_url: str
    identity_provider: str
    protocol: str
    region: str = ""
    interface: str = "public"
    trusts_callback: bool = False
    ca_bundle: str = field(default="", repr=False)
    # What tells this login from others of the place, as a slug: a service user's name, an offline token's number.
    machine: str = ""

    @property
    def handle(self) -> str:
        """`atlas@north`, as everywhere else."""
        return f"{self.project}@{self.location}"

    @property
    def stem(self) -> str:
        """What files are called by: "atlas-north", "atlas-north-ci-deploy"."""
        return "-".join(filter(None, (self.project, self.location, self.machine)))

    @property
    def ca_file(self) -> str:
        """What the file with its certificates is called."""
        return f"{self.location}-ca.pem"


@dataclass(frozen=True, slots=True)
class Provider:
    """The identity provider as the command line's own client sees it.

    `password_client_id` is the client that may use the password grant, empty where the operator wants none to; its
    `password_client_secret` stands in every file and guards nothing.
    `grants` are the grant types that it announces (OpenID Connect Discovery); empty when it announces none, or does not
    answer.
    `token_endpoint` is empty when it does not answer; `revokes`: it can be told that a token is done with (RFC 7009).
    `spends`: the operator says that each of its refresh tokens works once only.
    `panel` is the URL of this Meshdeck.
    """

    name: str
    discovery_endpoint: str
    client_id: str
    scope: str
    password_client_id: str = ""
    password_client_secret: str = "public"  # noqa: S105 - what a public client has
    grants: frozenset[str] = frozenset()
    token_endpoint: str = ""
    revokes: bool = False
    spends: bool = False
    panel: str = ""


@dataclass(frozen=True, slots=True)
class Issued:
    """A secret that was made for this one file. It stays out of `repr`, so out of logs and tracebacks."""

    value: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Login:
    """One way into one place, ready to be written down in any format.

    `variables` and `secrets` are OS_… by name. `parts` are the pieces of shell code (shell/) that the way needs
    besides. `head` are sentences for the top of a file: what it is, how long it lives, where the secret is. `hint` is
    what to do when the login is refused. `secret_apart`: beside clouds.yaml it needs a secure.yaml.
    `told` is what that code needs besides, MESHRC_… by name. `lasting`: the secret outlives the shell.
    `talks`: the command asks the person for something while it logs in. `until` is when what is in the file ends.
    """

    place: Place
    provider: str
    variables: Mapping[str, str]
    hint: str
    head: Sequence[str] = ()
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret_apart: bool = False
    parts: Sequence[str] = ()
    told: Mapping[str, str] = field(default_factory=dict)
    lasting: bool = False
    talks: bool = False
    until: datetime | None = None

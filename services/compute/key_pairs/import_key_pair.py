"""Import the public half of a key pair. The private half never comes here (pages/key_pair_create.py)."""

from collections.abc import Iterable, Mapping, Sequence

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_ssh_public_key
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Field

from clouds import errors
from clouds.openstack import key_pairs
from clouds.openstack.inventory import compute
from portal.ui.commands import Command
from projects.actions import base
from projects.actions import outcome_unknown as standing
from projects.actions.base import Action
from projects.models import Operation, Tenant
from projects.outcomes import Done, Failed, Outcome, Refusal, Step, Thing, Wait
from services.compute.models import KeyPair
from services.openstack import terraform
from services.openstack.actions import Run
from services.openstack.words import Service

# What nova takes (nova.compute.api: KeypairAPI._validate_keypair_name).
ALLOWED = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_- "
LEAST_RSA_BITS = 2048


class Params(base.Params):
    """The name, and the public key as OpenSSH writes it: "ssh-ed25519 AAAA… zoe@laptop"."""

    name: str = Field(min_length=1, max_length=255)
    public_key: str = Field(min_length=1, max_length=16_384)


class ImportKeyPair(Action[Params]):
    """Lets new servers take a public key, so that its owner logs in without a password."""

    name = "import-key-pair"
    params = Params
    label = gettext_lazy("Import key pair")
    icon = "key-round"
    services = (Service.COMPUTE,)
    personal = True

    def title(self, params: Params, names: Mapping[str, str]) -> str:
        return _("Import key pair %(name)s") % {"name": params.name}

    def told(self, params: Params, names: Mapping[str, str]) -> str:
        return _("Imported key pair %(name)s") % {"name": params.name}

    def things(self, params: Params) -> Sequence[Thing]:
        return (Thing(KeyPair, params.name),)

    def steps(self, params: Params, names: Mapping[str, str]) -> Sequence[Step]:
        return (Step("import", _("Import the public key"), _("Imported the public key")),)

    def check(self, tenant: Tenant, params: Params) -> Iterable[Refusal]:
        if wrong := "".join(sorted(set(params.name) - set(ALLOWED))):
            said = _("A name has letters without accents, figures, spaces, _ and - only. It has: %(wrong)s")
            yield Refusal("name", said % {"wrong": wrong})
        if reason := why_no_key(params.public_key):
            yield Refusal("public_key", reason)

    def step(self, run: Run, params: Params) -> Outcome:
        run.at("import")
        try:
            there = key_pairs.get(run.cloud, params.name)
        except errors.NotFound:
            run.send("import", lambda: key_pairs.import_public_key(run.cloud, params.name, params.public_key))
            return Wait(0)
        if plain(there.public_key) != plain(params.public_key):
            said = _("You have another key pair called %(name)s. Choose another name. Nothing was changed.")
            return Failed(said % {"name": params.name}, code="taken")
        see(run, there)
        return Done()

    def commands(self, params: Params, names: Mapping[str, str]) -> Sequence[Command]:
        return [Command("keypair create", [("--public-key", "~/.ssh/id_ed25519.pub")], [params.name])]

    def terraform(self, tenant: Tenant, params: Params, names: Mapping[str, str]) -> str:
        fields: terraform.Fields = {"name": params.name, "public_key": params.public_key}
        return terraform.resource("openstack_compute_keypair_v2", params.name, fields)

    def stands(self, operation: Operation, params: Params) -> str:
        if operation.accepted_at:
            return _("The key pair is there.")
        return standing.not_made(operation, "import", params.name)


def plain(public_key: str) -> str:
    """Return the key without its comment: type and body."""
    return " ".join(public_key.split()[:2])


def why_no_key(text: str) -> str:
    """Why a text is no public key that a server takes; empty when it is one."""
    if "PRIVATE KEY" in text:
        return _("This is a private key. Keep it to yourself, and paste the public one: the file that ends with .pub.")
    if len(text.strip().splitlines()) > 1:
        return _("A public key is one line: the type, the key, and mostly a comment.")
    try:
        key = load_ssh_public_key(text.strip().encode())
    except (ValueError, UnsupportedAlgorithm):
        return _("This is no public key as OpenSSH writes it. It begins with ssh-ed25519, ecdsa-sha2 or ssh-rsa.")
    if isinstance(key, RSAPublicKey) and key.key_size < LEAST_RSA_BITS:
        said = _("This key has %(n)d bits. Servers of today take RSA from %(least)d bits on; ed25519 is better.")
        return said % {"n": key.key_size, "least": LEAST_RSA_BITS}
    return ""


def see(run: Run, pair: key_pairs.KeyPair) -> None:
    """Show the key pair to its owner at once."""
    me = pair.user_id or run.cloud.state.user_id
    run.saw(compute.KeyPair.model_validate({**pair.model_dump(exclude={"public_key"}), "user_id": me}))

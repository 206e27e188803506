"""The buttons and menus of key pairs."""

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.ui.changing import Action
from projects.models import Tenant
from services.compute.key_pairs import delete_key_pair_page
from services.compute.models import KeyPair


def create_key_pair(tenant: Tenant) -> Action:
    """Lead to the page that makes one."""
    return Action(_("Create key pair"), reverse("create-key-pair", kwargs={"handle": tenant.handle}), "plus")


def menu(tenant: Tenant, pair: KeyPair) -> list[Action]:
    """List what can be done with one."""
    return [Action(_("Delete"), delete_key_pair_page.PAGE.url(tenant, pair), "trash-2", danger=True)]

"""Which spaces of a Cloud Foundry foundation one person has a role in, asked for as that person."""

from uuid import UUID

from django.conf import settings

from clouds.cloudfoundry import spaces, tokens
from clouds.cloudfoundry.http import Part
from clouds.cloudfoundry.tokens import Client
from portal.identity import vault
from projects.models import Location
from projects.platforms import Admitted, Discovered, Place
from services.cloudfoundry import locations as foundations


def discover(location: Location, grant: UUID) -> Discovered:
    """Ask the foundation for the person's spaces and roles. UAA's token is used for this and then forgotten."""
    client = Client(settings.CLOUDFOUNDRY_CLIENT_ID, settings.CLOUDFOUNDRY_CLIENT_SECRET)
    foundation = foundations.foundation_of(location)
    token = tokens.by_assertion(foundation, client, vault.access_token(grant).value)
    return Discovered(
        admitted=[
            Admitted(Place(one.guid, one.organization, space=one.name), list(one.roles), token.user_id)
            for one in spaces.mine(foundation, token)
        ],
        answered=[Part.UAA.value, Part.CLOUD_CONTROLLER.value],
    )

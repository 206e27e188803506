"""The portal and a cloud behind a real Keycloak."""

import pytest

from clouds import errors
from clouds.openstack import identity, session
from clouds.openstack.session import Federation
from tests.providers.keycloak import Keycloak
from tests.unit import test_identity_login


class TestLogin(test_identity_login.TestLogin):
    """The portal through Keycloak's own login page, as with the other providers in tests/unit."""


def test_the_groups_of_keycloak_are_roles_in_the_cloud(provider: Keycloak, north: Federation) -> None:
    tokens = provider.tokens("member")
    member = session.unscoped(north, tokens["access_token"])
    projects = {project.name: project for project in identity.projects(north, member)}
    assert sorted(projects) == ["atlas", "borealis"]
    state = session.scoped(north, member, projects["atlas"].external_id)
    assert (state.project_name, state.user_name) == ("atlas", "member")
    assert set(state.roles) == {"member", "reader"}

    with pytest.raises(errors.Unauthorized):  # no groups, no claim: Keystone's mapping finds nobody
        session.unscoped(north, provider.tokens("stranger")["access_token"])
    with pytest.raises(errors.Unauthorized):
        session.unscoped(north, tokens["id_token"])  # issued for the portal, not for clouds

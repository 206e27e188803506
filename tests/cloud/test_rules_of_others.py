"""What a real neutron says of address groups and of security groups that another project shares (RBAC)."""

from collections.abc import Iterator

import pytest

from projects.models import Operation
from services.network.models import AddressGroup, SecurityGroup, SecurityGroupRule
from services.network.security_groups import rules
from tests.cloud.conftest import Devcloud
from tests.cloud.marks import CLOUD
from tests.cloud.own_tenant import Here, Project, enter, own_project, undo
from tests.support.issuer import Issuer

pytestmark = [*CLOUD, pytest.mark.django_db]

SSH = {"protocol": "tcp", "port_min": 22, "port_max": 22}


@pytest.fixture
def project(devcloud: Devcloud) -> Iterator[Project]:
    with own_project(devcloud) as project:
        yield project


@pytest.fixture
def here(devcloud: Devcloud, issuer: Issuer, project: Project) -> Here:
    return enter(devcloud, issuer, project)


def test_a_rule_for_an_address_group_is_read_removed_and_made_again(here: Here) -> None:
    sdk = here.project.sdk
    offices = sdk.network.create_address_group(name="offices", addresses=["203.0.113.0/24"])
    here.look()
    assert AddressGroup.objects.get(tenant=here.tenant).addresses == ["203.0.113.0/24"]
    made = here.do("create-security-group", name="ssh", rules=[SSH | {"remote_address_group_id": offices.id}])
    group_id = made.targets.get(kind="securitygroup").external_id
    here.look()
    row = SecurityGroupRule.objects.get(tenant=here.tenant, group_id=group_id, direction="ingress")
    assert (row.remote_address_group_id, row.remote_cidr, row.unread) == (offices.id, "", [])
    assert not rules.is_open(row)
    # Anywhere is another rule, and not this one once more.
    added = here.do("add-security-group-rules", group_id=group_id, rules=[SSH | {"remote_cidr": "0.0.0.0/0"}])
    assert added.note == ""
    assert undo(here, added).state == Operation.State.DONE
    removed = here.do("remove-security-group-rules", group_id=group_id, rule_ids=[row.external_id])
    assert undo(here, removed).state == Operation.State.DONE
    (again,) = list(sdk.network.security_group_rules(security_group_id=group_id, direction="ingress"))
    assert (again.remote_address_group_id, again.remote_ip_prefix) == (offices.id, None)
    sdk.network.delete_security_group(group_id)
    sdk.network.delete_address_group(offices)


def test_a_group_that_another_project_shares_is_read_with_its_rules(here: Here, devcloud: Devcloud) -> None:
    with devcloud.connect("north-admin") as admin:
        theirs = admin.network.create_security_group(name="theirs")
        try:
            admin.network.create_security_group_rule(
                security_group_id=theirs.id, direction="ingress", protocol="tcp", port_range_min=443, port_range_max=443
            )
            here.look()
            assert not SecurityGroup.objects.filter(tenant=here.tenant, external_id=theirs.id).exists()
            policy = admin.network.create_rbac_policy(
                object_type="security_group",
                object_id=theirs.id,
                action="access_as_shared",
                target_tenant=here.project.sdk.current_project_id,
            )
            here.look()
            row = SecurityGroup.objects.get(tenant=here.tenant, external_id=theirs.id)
            assert (row.name, row.owned) == ("theirs", False)
            lets_in = SecurityGroupRule.objects.filter(tenant=here.tenant, group_id=theirs.id, direction="ingress")
            assert [one.port_min for one in lets_in] == [443]
            assert here.tenant.limits.get(measure="security_groups").used == 1  # its own default
            admin.network.delete_rbac_policy(policy)
        finally:
            admin.network.delete_security_group(theirs)

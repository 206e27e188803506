"""The page that revokes a service user."""

from typing import Any

from django.utils.translation import gettext as _

from projects.forms.confirming import ConfirmForm
from projects.pages.action_pages import CONFIRM, About, ActionPage, Words, confirming
from services.service_users import rows
from services.service_users.actions.revoke_service_user import RevokeServiceUser
from services.service_users.kind import SERVICE_USERS
from services.service_users.models import ServiceUser


class RevokeServiceUserForm(ConfirmForm):
    """The end of one."""

    action = "revoke-service-user"

    def given(self) -> dict[str, Any]:
        thing: ServiceUser = self.initial["thing"]
        return {"external_id": thing.external_id, "overlap": thing.ends_at is not None, "kind": thing.kind}


def words(about: About) -> Words:
    """Say what stands on the page."""
    title = _("End the old secret of %(name)s") if about.thing.ends_at else _("Revoke %(name)s")
    title %= {"name": about.thing}
    revoke = RevokeServiceUser()
    ends = revoke.ends(about.tenant, revoke.params(external_id=about.thing.external_id))
    return Words(
        title=title,
        text=_("At once, and for good."),
        button=title,
        template=CONFIRM,
        context=confirming(ends, "ban", _("There is no way back. A new one is made in a minute.")),
    )


PAGE = ActionPage(
    kind=SERVICE_USERS, path="revoke/", form=RevokeServiceUserForm, words=words, ends=True, rows=rows.changeable_by
)

"""Django's admin for operators: locations to add and mend, projects to group, and the rest to look at."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from projects import platforms
from projects.models import Change, Location, LocationService, Membership, Operation, Project, Reading, Tenant
from projects.platforms import Examined, UnfitError

_CONNECTION = ("auth_url", "region", "interface", "identity_provider", "protocol", "ca_bundle")
_ACCOUNT = ("account_name", "account_domain")
_FOUND_OUT = (
    "health",
    "reason",
    "request_id",
    "answered_at",
    "failing_since",
    "failures",
    "next_try_at",
    "checked_at",
)


def _kinds() -> list[tuple[str, Any]]:
    return [(platform.key, platform.label) for platform in platforms.PLATFORMS.values()]


class LocationForm(forms.ModelForm):
    """Asks the cloud before it is saved, as `manage.py add_location` does."""

    examined: Examined | None = None
    kind = forms.ChoiceField(label=_("Kind"), choices=_kinds)
    status_page = forms.URLField(label=_("Status page"), required=False, assume_scheme="https")

    class Meta:
        model = Location
        fields = (
            "name",
            "kind",
            "enabled",
            "position",
            *_CONNECTION,
            "passcode_in_place",
            "trusts_cli_callback",
            *_ACCOUNT,
            "status_page",
            "support",
        )

    def clean(self) -> dict[str, Any]:
        super().clean()
        given = self.cleaned_data
        if self.instance.pk and "kind" in self.changed_data:
            self.add_error("kind", _("A location keeps its kind, and what was found out about it. Add another one."))
        if bool(given.get("account_name")) != bool(given.get("account_domain")):
            self.add_error("account_domain", _("An account has a name and a domain, or there is none."))
        if self.errors or not {"kind", *_CONNECTION} & set(self.changed_data):
            return given
        try:
            self.examined = platforms.PLATFORMS[given["kind"]].examine({field: given[field] for field in _CONNECTION})
        except UnfitError as error:
            self.add_error(error.field, str(error))
        else:
            given |= self.examined.fields
        return given


class ReadOnly:
    """Rows that tasks write: to be looked at only."""

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nobody."""
        return False


class KeepsOperations(admin.ModelAdmin):
    """What operations were done in stays: they are the audit log, which nobody deletes. Says so in plain words."""

    instead = _("It stays, so that they stay readable.")

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Django's, with one sentence in place of a list of operations. What was only read goes along."""
        to_delete, counts, _needed, protected = super().get_deleted_objects(objs, request)
        if protected:
            said = _("People have changed things there. Their operations are the audit log, which is never deleted.")
            protected = [f"{said} {self.instead}"]
        return to_delete, counts, set(), protected


class LocationServiceInline(ReadOnly, admin.TabularInline):
    """What discovery found, and how the last check went."""

    model = LocationService
    extra = 0
    fields = ("service", "url", "version", "max_microversion", "answers", "latency_ms", "reason")


@admin.register(Location)
class LocationAdmin(KeepsOperations):
    """Add a cloud, switch it off, mend its address."""

    instead = _("Switch the location off instead: without the tick at “enabled” nobody sees it any more.")
    form = LocationForm
    inlines = (LocationServiceInline,)
    list_display = ("name", "enabled", "health", "reason", "auth_url", "region", "checked_at")
    readonly_fields = _FOUND_OUT
    fieldsets = (
        (None, {"fields": ("name", "kind", "enabled", "position", "status_page", "support")}),
        (_("Connection"), {"fields": (*_CONNECTION, "trusts_cli_callback", "passcode_in_place")}),
        (_("Service users"), {"fields": _ACCOUNT}),
        (_("Health"), {"fields": _FOUND_OUT}),
    )

    def save_model(self, request: HttpRequest, obj: Location, form: LocationForm, change: bool) -> None:
        """Keep what else was found out."""
        super().save_model(request, obj, form, change)
        if form.examined:
            form.examined.keep(obj)


@admin.register(Project)
class ProjectAdmin(KeepsOperations):
    """Names and slugs; projects come from the clouds."""

    list_display = ("name", "slug")
    search_fields = ("name", "slug")


class TenantForm(forms.ModelForm):
    """Moving a tenant to another project pins it there."""

    class Meta:
        model = Tenant
        fields = ("project", "pinned")

    def clean(self) -> dict[str, Any]:
        super().clean()
        if "project" in self.changed_data:
            self.cleaned_data["pinned"] = True
        return self.cleaned_data


@admin.register(Tenant)
class TenantAdmin(KeepsOperations):
    """Which project a cloud's project belongs to."""

    form = TenantForm
    list_display = ("handle", "external_name", "external_id", "pinned", "as_of", "refreshed_at")
    list_filter = ("location", "pinned")
    list_select_related = ("project", "location")
    search_fields = ("external_name", "external_id", "project__name")
    autocomplete_fields = ("project",)
    readonly_fields = ("location", "external_id", "external_name", "domain_id", "space", "as_of", "refreshed_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody: tenants come from the clouds."""
        return False


@admin.register(Membership)
class MembershipAdmin(ReadOnly, admin.ModelAdmin):
    """Who sees what, as the clouds said it."""

    list_display = ("user", "tenant", "role", "cloud_roles", "confirmed_at")
    list_filter = ("role", "tenant__location")
    list_select_related = ("user", "tenant__project", "tenant__location")
    search_fields = ("user__username", "tenant__project__name")


@admin.register(Reading)
class ReadingAdmin(ReadOnly, admin.ModelAdmin):
    """How each service answered for each tenant."""

    list_display = ("tenant", "service", "as_of", "tried_at", "latency_ms", "reason", "request_id")
    list_filter = ("service", "tenant__location")
    list_select_related = ("tenant__project", "tenant__location")


@admin.register(Change)
class ChangeAdmin(ReadOnly, admin.ModelAdmin):
    """What refreshes saw differ."""

    list_display = ("seen_at", "tenant", "verb", "kind", "name", "fields", "origin", "cause")
    list_filter = ("verb", "origin", "kind", "tenant__location")
    list_select_related = ("tenant__project", "tenant__location", "cause")
    date_hierarchy = "seen_at"


@admin.register(Operation)
class OperationAdmin(ReadOnly, admin.ModelAdmin):
    """The audit log of all projects. What was asked for stands on the operation's own page."""

    list_display = ("id", "tenant", "action", "state", "user", "asked_at", "ended_at", "reason")
    list_filter = ("state", "action", "tenant__location")
    list_select_related = ("tenant__project", "tenant__location", "user")
    search_fields = ("id", "request_id", "user__username")
    date_hierarchy = "asked_at"
    exclude = ("params", "key", "grant")

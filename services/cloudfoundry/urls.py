"""The page of a Cloud Foundry space."""

from django.urls import path

from services.cloudfoundry import pages

urlpatterns = [path("<handle:handle>/cli/", pages.show, name="cli-access")]

"""Addresses for login, the callbacks from the provider, and logout."""

from django.urls import path

from portal.identity import offline_views, views

urlpatterns = [
    path("oidc/login/", views.login, name="login"),
    path("oidc/step-up/", views.step_up, name="step_up"),
    path("oidc/callback/", views.callback, name="oidc_authentication_callback"),
    path("oidc/offline/", offline_views.answer, name="offline_answer"),
    path("oidc/logout/", views.logout, name="logout"),
    path("logged-out/", views.logged_out, name="logged_out"),
]

"""The few pages of UAA that a browser sees, unstyled; each says that it is a stand-in's."""

from html import escape

from devfoundation.people import User
from devfoundation.settings import Settings
from devfoundation.web import Answer

_CSP = ("Content-Security-Policy", "default-src 'none'; form-action 'none'; frame-ancestors 'none'")


def passcode(settings: Settings, user: User, code: str) -> Answer:
    """Show the passcode as UAA does: once, valid for five minutes."""
    return _page(
        settings,
        "Temporary Authentication Code",
        f"<p>Temporary authentication code for {escape(user.name)}:</p>"
        f'<h2><code id="passcode">{escape(code)}</code></h2>'
        "<p>It works once, within five minutes. A new code replaces it.</p>"
        f"<pre>cf login -a {escape(settings.api_url)} --sso-passcode {escape(code)}</pre>",
    )


def login(settings: Settings, unknown: str, cookies: tuple[tuple[str, str], ...]) -> Answer:
    """Show the choice of providers, without a login hint or with an unknown one."""
    said = f"<p>There is no identity provider {escape(unknown)} here.</p>" if unknown else ""
    origin = escape(settings.origin)
    link = f'<p><a href="/login?discover={origin}">Log in with {origin}</a></p>'
    return _page(settings, "Log in", said + link, headers=cookies)


def home(settings: Settings, user: User) -> Answer:
    """Show the home page after a login."""
    return _page(settings, "Home", f'<p>Logged in as {escape(user.name)}. <a href="/passcode">Passcode</a></p>')


def trouble(settings: Settings, what: str, status: int) -> Answer:
    """Show that a login failed."""
    return _page(settings, "No login", f"<p>{escape(what)}</p>", status)


def _page(
    settings: Settings, title: str, body: str, status: int = 200, headers: tuple[tuple[str, str], ...] = ()
) -> Answer:
    name = escape(settings.name)
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)} · {name}</title></head>'
        f"<body><main><h1>{escape(title)}</h1>{body}"
        f"<p><small>{name} is a stand-in for a Cloud Foundry foundation, for the demo.</small></p></main></body></html>"
    )
    return Answer(status, text.encode(), "text/html;charset=UTF-8", (_CSP, *headers))

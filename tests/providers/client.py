"""An OpenID Connect client in plain HTTP, for tests: it follows the standard and knows no particular provider."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import jwt
import requests

TIMEOUT = 20


class Browser(requests.Session):
    """A session that trusts loopback, as browsers do: it sends Secure cookies there without TLS."""

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """Add the cookies that belong to this request."""
        for cookie in self.cookies:
            cookie.secure = False
        return super().prepare_request(request)


@dataclass
class Form:
    """A form of a page: its target and what it would send unchanged. `buttons` are name and value of its buttons."""

    action: str
    method: str = "get"
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(urljoin(self.url, have.get("action", "")), have.get("method", "get").lower()))
        elif not self.forms or not have.get("name"):
            return
        elif tag == "button":
            self.forms[-1].buttons.append((have["name"], have.get("value", "")))
        elif tag in ("input", "select", "textarea"):
            if have.get("type") in ("checkbox", "radio") and "checked" not in have:
                return
            self.forms[-1].fields[have["name"]] = have.get("value", "")


def forms(page: requests.Response) -> list[Form]:
    """Return all forms of an HTML page in order."""
    parser = _Forms(page.url)
    parser.feed(page.text)
    return parser.forms


def form_with(page: requests.Response, *names: str) -> Form:
    """Return the one form of the page that has all these fields; fail clearly if there is none."""
    for form in forms(page):
        if set(names) <= {*form.fields, *(name for name, _ in form.buttons)}:
            return form
    raise AssertionError(f"No form with {names} at {page.url} ({page.status_code}): {page.text[:600]}")


def submit(browser: requests.Session, form: Form, **values: str) -> requests.Response:
    """Send the form as a browser would, with `values` filled in; stop before any redirect to a client's callback."""
    data = {**form.fields, **values}
    if form.method == "post":
        answer = browser.post(
            form.action, data=data, allow_redirects=False, timeout=TIMEOUT, headers={"Referer": form.action}
        )
    else:
        answer = browser.get(form.action, params=data, allow_redirects=False, timeout=TIMEOUT)
    return follow(browser, answer)


def follow(browser: requests.Session, answer: requests.Response) -> requests.Response:
    """Follow redirects while they stay at the same provider; return the first one that leaves it."""
    home = urlsplit(answer.url).netloc
    while answer.is_redirect:
        target = urljoin(answer.url, answer.headers["Location"])
        if urlsplit(target).netloc != home:
            break
        answer = browser.get(target, allow_redirects=False, timeout=TIMEOUT)
    return answer


def location(answer: requests.Response) -> tuple[str, dict[str, str]]:
    """Return where a redirect leads, without its query, and the query."""
    assert answer.is_redirect, f"Not a redirect: {answer.status_code} at {answer.url}: {answer.text[:600]}"
    target = urlsplit(urljoin(answer.url, answer.headers["Location"]))
    query = {name: values[0] for name, values in parse_qs(target.query).items()}
    return target._replace(query="", fragment="").geturl(), query


@dataclass
class Attempt:
    """One authorization request with what has to be kept until its response."""

    url: str
    state: str
    nonce: str
    verifier: str
    redirect_uri: str


class Client:
    """A relying party. `secret` empty: a public client."""

    def __init__(self, issuer: str, client_id: str, secret: str = "", redirect_uri: str = "") -> None:
        self.client_id, self.secret, self.redirect_uri = client_id, secret, redirect_uri
        answer = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=TIMEOUT)
        answer.raise_for_status()
        self.metadata: dict[str, Any] = answer.json()
        self.jwks = jwt.PyJWKClient(self.metadata["jwks_uri"], timeout=TIMEOUT)

    def begin(self, scope: str = "openid profile email groups", **extra: str) -> Attempt:
        """Begin an authorization request with state, nonce and PKCE (S256). `extra` parameters win."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": scope,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **extra,
        }
        url = f"{self.metadata['authorization_endpoint']}?{urlencode(query)}"
        return Attempt(url, state, nonce, verifier, query["redirect_uri"])

    def token(self, **fields: str) -> requests.Response:
        """Send one request to the token endpoint with this client's credentials."""
        auth = (self.client_id, self.secret) if self.secret else None
        data = fields if self.secret else {"client_id": self.client_id, **fields}
        return requests.post(self.metadata["token_endpoint"], data=data, auth=auth, timeout=TIMEOUT)

    def exchange(self, attempt: Attempt, code: str, verifier: str = "") -> requests.Response:
        """Exchange the code for tokens. Pass a wrong `verifier` to see it refused."""
        return self.token(
            grant_type="authorization_code",
            code=code,
            redirect_uri=attempt.redirect_uri,
            code_verifier=verifier or attempt.verifier,
        )

    def refresh(self, refresh_token: str) -> requests.Response:
        """Exchange a refresh token for new tokens."""
        return self.token(grant_type="refresh_token", refresh_token=refresh_token)

    def claims(self, token: str, audience: str) -> dict[str, Any]:
        """Return the verified claims of a JWT: signature by the published keys, issuer, audience, expiry."""
        key = self.jwks.get_signing_key_from_jwt(token)
        claims: dict[str, Any] = jwt.decode(
            token, key.key, algorithms=["RS256"], audience=audience, issuer=self.metadata["issuer"]
        )
        return claims

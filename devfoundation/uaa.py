"""UAA, as far as logging in goes (docs.cloudfoundry.org/api/uaa: Token, Server Information, passcode)."""

import base64
import binascii
import hmac
import json
import secrets
from urllib.parse import quote, urlsplit

from devfoundation import pages
from devfoundation.passcodes import Passcodes
from devfoundation.people import People, Session, User
from devfoundation.provider import Distrusted, Provider, Undecodable
from devfoundation.settings import JWT_BEARER, Settings
from devfoundation.tokens import Tokens
from devfoundation.web import Answer, Handler, Refused, Request, Site, json_answer, redirect

COOKIE = "JSESSIONID"
VERSION = "0-stand-in"


class Uaa:
    """UAA's pages and endpoints, and their shared state."""

    def __init__(self, settings: Settings, people: People, tokens: Tokens) -> None:
        self.settings, self.people, self.tokens = settings, people, tokens
        self.provider = Provider(settings)
        self.passcodes = Passcodes(settings.now)

    def site(self) -> Site:
        """Return all of it as a WSGI application."""
        callback = urlsplit(self.provider.callback).path
        return Site(
            {
                "/": {"GET": self.home},
                "/info": {"GET": self.info},
                "/login": {"GET": self.login},
                callback: {"GET": self.callback},
                "/logout.do": {"GET": self.logout},
                "/passcode": {"GET": self.passcode},
                "/oauth/token": {"POST": self.token},
                "/token_key": {"GET": lambda _: json_answer(self.tokens.public_key())},
                "/token_keys": {"GET": lambda _: json_answer({"keys": [self.tokens.public_key()]})},
            },
            missing=lambda _: json_answer({"error": "not_found", "error_description": "Not Found"}, 404),
            around=self._cross_origin,
        )

    # What a browser sees ----------------------------------------------------------------------------------------

    def home(self, request: Request) -> Answer:
        """Show the page after a login that had no target."""
        user = self._user(request)
        return pages.home(self.settings, user) if user else redirect(self._at("/login"))

    def passcode(self, request: Request) -> Answer:
        """Show a new passcode to a browser session; bearer tokens get none. Others are sent to log in first."""
        user = self._user(request)
        if user is None:
            session = Session(saved_request=self._at(f"/passcode?{request.raw_query}"))
            session.login_hint = request.query.get("login_hint", "")
            return redirect(self._at("/login"), (self._set_cookie(self.people.begin(session)),))
        code = self.passcodes.issue(user.id)
        if request.wants_json:
            return json_answer(code)
        return pages.passcode(self.settings, user, code)

    def login(self, request: Request) -> Answer:
        """Redirect to our provider if the hint names it; else show the choice. JSON: the prompts for a client."""
        if request.wants_json:
            return self.info(request)
        session = self.people.session(request.cookies.get(COOKIE, ""))
        cookies: tuple[tuple[str, str], ...] = ()
        if session is None:
            session = Session()
            cookies = (self._set_cookie(self.people.begin(session)),)
        hint = _origin(request.query.get("login_hint") or session.login_hint)
        if hint != self.settings.origin and request.query.get("discover") != self.settings.origin:
            return pages.login(self.settings, unknown=hint, cookies=cookies)
        session.state, session.nonce, session.verifier = (secrets.token_urlsafe(32) for _ in range(3))
        try:
            return redirect(self.provider.login_url(session), cookies)
        except Distrusted as why:
            return pages.trouble(self.settings, str(why), 502)

    def callback(self, request: Request) -> Answer:
        """Handle the return from the provider: log the person in and redirect to the requested page."""
        cookie = request.cookies.get(COOKIE, "")
        session = self.people.session(cookie)
        state = request.query.get("state", "")
        if session is None or not session.state or not hmac.compare_digest(session.state.encode(), state.encode()):
            return pages.trouble(self.settings, "This login was not started in this browser.", 401)
        if "error" in request.query:
            return pages.trouble(self.settings, "The identity provider did not log you in.", 401)
        try:
            user = self.people.keep(self.provider.claims_of_login(request.query.get("code", ""), session))
        except Distrusted as why:
            return pages.trouble(self.settings, str(why), 401)
        self.people.end(cookie)
        fresh = self.people.begin(Session(user_id=user.id))
        return redirect(session.saved_request or self._at("/"), (self._set_cookie(fresh),))

    def logout(self, request: Request) -> Answer:
        """End a browser session."""
        self.people.end(request.cookies.get(COOKIE, ""))
        return redirect(self._at("/login"))

    # What programs see ------------------------------------------------------------------------------------------

    def info(self, _request: Request) -> Answer:
        """Return the server information, from which `cf login` also takes its prompts."""
        text = f"One Time Code ( Get one at {self.settings.uaa_url}/passcode )"
        return json_answer(
            {
                "app": {"version": VERSION},
                "links": {"uaa": self.settings.uaa_url, "login": self.settings.uaa_url},
                "zone_name": "uaa",
                "entityID": urlsplit(self.settings.uaa_url).netloc,
                "commit_id": "stand-in",
                "idpDefinitions": {},
                "prompts": {
                    "username": ["text", "Email"],
                    "password": ["password", "Password"],
                    "passcode": ["password", text],
                },
            }
        )

    def token(self, request: Request) -> Answer:
        """Answer the token endpoint: passcodes, refresh tokens, and assertions of the identity provider (RFC 7523)."""
        client_id, grant = self._client(request), request.form.get("grant_type", "")
        if not grant:
            raise _refusal(400, "invalid_request", "Missing grant type")
        ways = {"password": self._by_passcode, "refresh_token": self._by_refresh, JWT_BEARER: self._by_assertion}
        # UAA identifies the person before it checks what the client may do, which uses up a code.
        user = ways[grant](request, client_id) if grant in ways else None
        if user is None or grant not in self.settings.clients[client_id].grants:
            raise _refusal(401, "invalid_client", f"Unauthorized grant type: {grant}")
        return json_answer(self.tokens.answer(user, client_id, grant, refresh=grant != JWT_BEARER))

    def _by_passcode(self, request: Request, _client: str) -> User:
        code = request.form.get("passcode")
        if code is None:  # user name and password: nobody has one here, people come from the provider
            raise _refusal(401, "unauthorized", "Bad credentials")
        user = self.people.user(self.passcodes.redeem(code) or "")
        if user is None:
            raise _refusal(401, "unauthorized", "Invalid passcode")
        return user

    def _by_refresh(self, request: Request, client_id: str) -> User:
        user_id = self.tokens.user_of_refresh(request.form.get("refresh_token", ""), client_id)
        user = self.people.user(user_id or "")
        if user is None:
            raise _refusal(401, "invalid_token", "The token expired, was revoked, or the token ID is incorrect.")
        return user

    def _by_assertion(self, request: Request, _client: str) -> User:
        if "assertion" not in request.form:
            raise _refusal(401, "unauthorized", "Assertion is missing")
        try:
            return self.people.keep(self.provider.verified(request.form["assertion"]))
        except Undecodable as why:
            raise _refusal(401, "unauthorized", str(why)) from why
        except Distrusted as why:
            raise _refusal(401, "invalid_token", str(why)) from why

    def _client(self, request: Request) -> str:
        """Authenticate the request's client, by Basic authentication or in the body, with its secret."""
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                client_id, _, secret = base64.b64decode(given, validate=True).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                client_id, secret = "", ""
        else:
            client_id, secret = request.form.get("client_id", ""), request.form.get("client_secret", "")
        client = self.settings.clients.get(client_id)
        if client is None or not hmac.compare_digest(client.secret.encode(), secret.encode()):
            raise _refusal(401, "unauthorized", "Bad credentials", (("WWW-Authenticate", 'Basic realm="UAA/client"'),))
        return client_id

    # Around all of it -------------------------------------------------------------------------------------------

    def _cross_origin(self, request: Request, handler: Handler) -> Answer:
        """Allow cross-origin requests from the one site only, with X-Requested-With, and only GETs.

        This is what UAA's filter does for cors.xhr.allowed.origins. Access-Control-Allow-Credentials stands in for the
        proxy in front of UAA that adds it (docs/cloud-foundry.md): UAA's filter has no such header.
        """
        origin = request.headers.get("origin")
        asked = request.headers.get("access-control-request-headers", "").lower()
        if origin is None or origin == self.settings.uaa_url:
            return handler(request)
        if "x-requested-with" not in request.headers and "x-requested-with" not in asked:
            return handler(request)  # not a script's request with credentials: nothing is added, so browsers block it
        if origin != self.settings.cors_origin or request.path != "/passcode":
            return Answer(403)
        allowed: tuple[tuple[str, str], ...] = (
            ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Allow-Credentials", "true"),
            ("Vary", "Origin"),
        )
        if request.method == "OPTIONS":
            allowed += (("Access-Control-Allow-Methods", "GET, OPTIONS"), ("Access-Control-Allow-Headers", asked))
            return Answer(200, headers=allowed)
        answer = handler(request)
        return Answer(answer.status, answer.body, answer.content_type, answer.headers + allowed)

    def _user(self, request: Request) -> User | None:
        session = self.people.session(request.cookies.get(COOKIE, ""))
        return self.people.user(session.user_id) if session else None

    def _at(self, path: str) -> str:
        return f"{self.settings.uaa_url}{path}"

    def _set_cookie(self, value: str) -> tuple[str, str]:
        return "Set-Cookie", f"{COOKIE}={quote(value)}; Path=/; HttpOnly; SameSite=Lax"


def _origin(login_hint: str) -> str:
    """Return the provider's name in a login hint such as {"origin":"uaa"}; empty for anything else."""
    try:
        said = json.loads(login_hint)
    except ValueError:
        return ""
    origin = said.get("origin") if isinstance(said, dict) else None
    return origin if isinstance(origin, str) else ""


def _refusal(status: int, error: str, description: str, headers: tuple[tuple[str, str], ...] = ()) -> Refused:
    return Refused(json_answer({"error": error, "error_description": description}, status, headers))

"""An identity provider that misbehaves on demand: a real HTTP server that signs its tokens itself.

    with hostile_provider() as hostile:
        hostile.claims["aud"] = "somebody else"          # in the next ID tokens; None leaves a claim out
        hostile.broken["/token"] = Broken(status=500)    # instead of the right answer
    hostile.slow["/token"] = 0.5                     # done at once, answered half a second later
        code = hostile.code(nonce, challenge)            # what the browser would bring back

It behaves correctly unless told otherwise: codes are used once and need their PKCE verifier, refresh tokens rotate and
are used once.
"""

import base64
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm


@lru_cache
def key(number: int = 0, bits: int = 2048) -> rsa.RSAPrivateKey:
    """Return a private key, generated once per number."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def published(private: rsa.RSAPrivateKey, key_id: str, **more: str) -> dict[str, Any]:
    """Return the public half as a JWK."""
    return {**RSAAlgorithm.to_jwk(private.public_key(), as_dict=True), "kid": key_id, "use": "sig", **more}


@dataclass
class Broken:
    """A response in place of the right one; `drip` sends the body byte by byte, that many seconds apart."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    delay: float = 0
    drip: float = 0
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    form: dict[str, str]
    authorization: str


@dataclass
class HostileProvider:
    """What the provider says, changeable between requests; `seen` are the requests it got."""

    issuer: str
    client_id: str = "portal"
    metadata: dict[str, Any] = field(default_factory=dict)
    keys: list[dict[str, Any]] = field(default_factory=lambda: [published(key(), "one")])
    claims: dict[str, Any] = field(default_factory=dict)
    token: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] | None = None
    broken: dict[str, Broken] = field(default_factory=dict)
    slow: dict[str, float] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    codes: dict[str, tuple[str, str]] = field(default_factory=dict)
    refresh_tokens: set[str] = field(default_factory=set)
    issued: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sign: Callable[[dict[str, Any]], str] = self.sign_well

    def code(self, nonce: str, challenge: str) -> str:
        """Issue an authorization code for the login with this nonce and PKCE challenge."""
        code = secrets.token_urlsafe(24)
        self.codes[code] = (nonce, challenge)
        self.issued.append(code)
        return code

    def sign_well(self, claims: dict[str, Any]) -> str:
        """Sign an ID token with the published key."""
        return jwt.encode(claims, key(), algorithm="RS256", headers={"kid": "one"})

    def asked(self, path: str) -> int:
        """Return how often this path was requested."""
        return sum(1 for request in self.seen if request.path == path)

    def discovery(self) -> dict[str, Any]:
        """Return the discovery document."""
        said = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "end_session_endpoint": f"{self.issuer}/end",
            "revocation_endpoint": f"{self.issuer}/revoke",
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            "response_types_supported": ["code"],
        }
        return _twisted(said, self.metadata)

    def tokens(self, nonce: str | None) -> dict[str, Any]:
        """Return a response of the token endpoint."""
        now = int(time.time())
        access, refresh = f"access-{secrets.token_urlsafe(24)}", f"refresh-{secrets.token_urlsafe(24)}"
        claims = {
            "iss": self.issuer,
            "sub": "person-1",
            "aud": self.client_id,
            "iat": now,
            "exp": now + 300,
            "preferred_username": "member",
            "name": "Mem Ber",
            "email": "member@example.org",
            "groups": ["atlas-member"],
            **({"nonce": nonce} if nonce else {}),
        }
        id_token = self.sign(_twisted(claims, self.claims))
        self.refresh_tokens.add(refresh)
        said = {
            "token_type": "Bearer",
            "access_token": access,
            "refresh_token": refresh,
            "id_token": id_token,
            "expires_in": 300,
        }
        self.issued += [access, refresh, id_token]
        return _twisted(said, self.token)

    def exchange(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Answer the token endpoint."""
        if form.get("grant_type") == "refresh_token":
            if form.get("refresh_token") not in self.refresh_tokens:
                return 400, {"error": "invalid_grant"}
            self.refresh_tokens.remove(form["refresh_token"])
            return 200, self.tokens(None)
        nonce, challenge = self.codes.pop(form.get("code", ""), ("", ""))
        proof = base64.urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        if not challenge or proof != challenge:
            return 400, {"error": "invalid_grant", "error_description": f"no such code: {form.get('code')}"}
        return 200, self.tokens(nonce)


def _twisted(said: dict[str, Any], twist: dict[str, Any]) -> dict[str, Any]:
    """Apply the changes to what is said: None leaves a name out, a function computes the value."""
    values = {name: value() if callable(value) else value for name, value in {**said, **twist}.items()}
    return {name: value for name, value in values.items() if value is not None}


def _handler(provider: HostileProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            self.answer({name: values[0] for name, values in parse_qs(body).items()})

        def answer(self, form: dict[str, str]) -> None:
            path = urlsplit(self.path).path
            provider.seen.append(Seen(self.command, path, form, self.headers.get("Authorization", "")))
            if broken := provider.broken.get(path):
                time.sleep(broken.delay)
                self.reply(broken.status, broken.body, broken.content_type, broken.drip, broken.headers)
                return
            status, said = 200, {}
            if path == "/.well-known/openid-configuration":
                said = provider.discovery()
            elif path == "/keys":
                said = {"keys": provider.keys}
            elif path == "/token":
                status, said = provider.exchange(form)
            elif path == "/userinfo":
                said = provider.userinfo or {"sub": "person-1"}
            elif path == "/revoke":
                provider.refresh_tokens.discard(form.get("token", ""))
            else:
                status = 404
            time.sleep(provider.slow.get(path, 0))
            self.reply(status, json.dumps(said).encode())

        def reply(
            self,
            status: int,
            body: bytes,
            content_type: str = "application/json",
            drip: float = 0,
            headers: dict[str, str] | None = None,
        ) -> None:
            try:
                self.send_response(status)
                for name, value in {"Content-Type": content_type, **(headers or {})}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                for piece in [body] if not drip else (bytes([byte]) for byte in body):
                    self.wfile.write(piece)
                    time.sleep(drip)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the portal gave up, as it should

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            """Log nothing: the codes are in the paths."""

    return Handler


@contextmanager
def hostile_provider() -> Iterator[HostileProvider]:
    """Start it on a free port; it ends with the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.daemon_threads = True
    provider = HostileProvider(f"http://127.0.0.1:{server.server_port}")
    server.RequestHandlerClass = _handler(provider)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

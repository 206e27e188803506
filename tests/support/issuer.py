"""A small OpenID provider over real HTTP that signs whatever a test asks for."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey


def new_key() -> RSAPrivateKey:
    """Generate a signing key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Issuer:
    """Serves a discovery document and keys on a free port of this machine; use it as a context manager."""

    def __init__(self) -> None:
        self.keys = {"first": new_key()}
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = json.dumps(issuer.document(self.path)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the parent's name
                """Log nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def document(self, path: str) -> dict[str, Any]:
        """Return what is published at a path."""
        if path.endswith("/openid-configuration"):
            ends = {name: f"{self.url}/{name}" for name in ("authorization_endpoint", "token_endpoint")}
            return {"issuer": self.url, "jwks_uri": f"{self.url}/keys", **ends}
        public = jwt.algorithms.RSAAlgorithm.to_jwk
        return {
            "keys": [
                public(key.public_key(), as_dict=True) | {"kid": name, "use": "sig", "alg": "RS256"}
                for name, key in self.keys.items()
            ]
        }

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Return the claims of a valid access token of `member`; a change to None leaves the claim out."""
        now = int(time.time())
        claims = {
            "iss": self.url,
            "sub": "5ac1f7b0-member",
            "aud": ["portal", "openstack"],
            "azp": "portal",
            "iat": now,
            "exp": now + 300,
            "preferred_username": "member",
            "email": "member@example.org",
            "groups": ["atlas-member", "borealis-member"],
        } | changes
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, key_id: str = "first", **changes: Any) -> str:
        """Return a signed access token."""
        return jwt.encode(self.claims(**changes), self.keys[key_id], algorithm="RS256", headers={"kid": key_id})

    def __enter__(self) -> Issuer:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.server.server_close()

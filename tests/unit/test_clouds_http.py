"""What a real server can do to us: hang, trickle, cut short, lie about TLS, send us elsewhere."""

import datetime
import gzip
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from clouds import errors
from clouds.openstack import http
from clouds.openstack.http import Http, json_object
from clouds.openstack.services import Service

Talk = Callable[[socket.socket], None]


class RawServer:
    """Takes connections and lets a function do what it likes with each, after the request's head was read."""

    def __init__(self, talk: Talk, context: ssl.SSLContext | None = None) -> None:
        self.talk = talk
        self.context = context
        self.heads: list[str] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        try:
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            head = connection.recv(65536).decode(errors="replace")
            self.heads.append(head)
            self.talk(connection)
        except OSError:
            pass  # the client has gone, as it should
        finally:
            connection.close()

    @property
    def url(self) -> str:
        return f"{'https' if self.context else 'http'}://127.0.0.1:{self.port}/x"


@pytest.fixture
def serve() -> Iterator[Callable[..., RawServer]]:
    started: list[RawServer] = []

    def start(talk: Talk, context: ssl.SSLContext | None = None) -> RawServer:
        started.append(RawServer(talk, context))
        return started[-1]

    yield start
    for server in started:
        server.listener.close()


def answer(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> Talk:
    lines = [
        f"HTTP/1.1 {status}",
        "Connection: close",
        f"Content-Length: {len(body) if length is None else length}",
        *headers,
    ]
    head = "\r\n".join(lines).encode() + b"\r\n\r\n"
    return lambda connection: connection.sendall(head + body)


def get(url: str, ca_bundle: str = "") -> dict[str, object]:
    with Http(ca_bundle) as client:
        return json_object(Service.COMPUTE, client.request(Service.COMPUTE, "GET", url))


def test_a_plain_answer_is_read(serve: Callable[..., RawServer]) -> None:
    server = serve(answer(b'{"a": 1}'))
    assert get(server.url) == {"a": 1}
    assert "User-Agent: meshdeck" in server.heads[0]
    assert "X-Openstack-Request-Id: req-" in server.heads[0]


def test_a_compressed_answer_is_read(serve: Callable[..., RawServer]) -> None:
    assert get(serve(answer(gzip.compress(b'{"a": 1}'), "Content-Encoding: gzip")).url) == {"a": 1}


def test_a_chunked_answer_is_read(serve: Callable[..., RawServer]) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    server = serve(lambda connection: connection.sendall(head + b'4\r\n{"a"\r\n4\r\n: 1}\r\n0\r\n\r\n'))
    assert get(server.url) == {"a": 1}


def test_a_big_answer_is_read_whole(serve: Callable[..., RawServer]) -> None:
    body = b'{"a": "' + b"x" * 3_000_000 + b'"}'
    assert len(str(get(serve(answer(body)).url)["a"])) == 3_000_000


def test_an_answer_that_is_cut_short_is_no_answer(serve: Callable[..., RawServer]) -> None:
    with pytest.raises(errors.Garbled, match="cut short"):
        get(serve(answer(b'{"a": 1}', length=5000)).url)


def test_a_chunked_answer_that_is_cut_short_is_no_answer(serve: Callable[..., RawServer]) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with pytest.raises(errors.Garbled, match="cut short"):
        get(serve(lambda connection: connection.sendall(head + b'8\r\n{"a": 1}')).url)


def test_an_answer_that_is_wrongly_compressed_is_no_answer(serve: Callable[..., RawServer]) -> None:
    with pytest.raises(errors.Garbled):
        get(serve(answer(b"no gzip at all", "Content-Encoding: gzip")).url)


def test_no_http_at_all_is_no_answer(serve: Callable[..., RawServer]) -> None:
    with pytest.raises(errors.CloudError):
        get(serve(lambda connection: connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")).url)


def test_a_connection_broken_off_is_unreachable(serve: Callable[..., RawServer]) -> None:
    with pytest.raises(errors.Unreachable, match="connection was closed"):
        get(serve(lambda connection: None).url)


def test_a_closed_port_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(errors.Unreachable, match="refused"):
        get(f"http://127.0.0.1:{port}/")


def test_an_unknown_name_is_unreachable() -> None:
    with pytest.raises(errors.Unreachable, match="host name can't be resolved"):
        get("http://nowhere.invalid/")


@pytest.mark.parametrize("url", ["ftp://cloud.test/", "http://", "nonsense", "http://[::/"])
def test_a_nonsensical_address_is_an_error_of_ours(url: str) -> None:
    with pytest.raises(errors.CloudError):
        get(url)


def test_silence_times_out(serve: Callable[..., RawServer], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "READ_SECONDS", 0.2)
    with pytest.raises(errors.TimedOut):
        get(serve(lambda connection: time.sleep(5)).url)


def test_silence_amid_the_body_times_out(serve: Callable[..., RawServer], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "READ_SECONDS", 0.2)

    def begin_and_hang(connection: socket.socket) -> None:
        answer(b'{"a"', length=100)(connection)
        time.sleep(5)

    with pytest.raises(errors.TimedOut):
        get(serve(begin_and_hang).url)


def test_a_body_that_trickles_for_ever_times_out(
    serve: Callable[..., RawServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "WHOLE_SECONDS", 0.3)

    def trickle(connection: socket.socket) -> None:
        answer(b"{", length=100_000)(connection)
        for _ in range(100):
            connection.sendall(b" ")
            time.sleep(0.05)

    began = time.monotonic()
    with pytest.raises(errors.TimedOut):
        get(serve(trickle).url)
    assert time.monotonic() - began < 2


def test_a_token_is_never_carried_to_another_host(serve: Callable[..., RawServer]) -> None:
    thief = serve(answer(b"{}"))
    server = serve(answer(b"", f"Location: {thief.url}", status="302 Found"))
    with Http() as client, pytest.raises(errors.Garbled, match="redirected the request"):
        client.request(Service.COMPUTE, "GET", server.url, headers={"X-Auth-Token": "secret"})
    assert thief.heads == []


def test_a_redirect_on_the_same_host_is_followed(serve: Callable[..., RawServer]) -> None:
    def talk(connection: socket.socket) -> None:
        if server.heads[-1].startswith("GET /x "):
            answer(b"", "Location: /v2.1/", status="302 Found")(connection)
        else:
            answer(b'{"a": 1}')(connection)

    server = serve(talk)
    assert get(server.url) == {"a": 1}


def test_redirects_end(serve: Callable[..., RawServer]) -> None:
    server = serve(answer(b"", "Location: /x", status="302 Found"))
    with pytest.raises(errors.Garbled, match="endless chain of redirects"):
        get(server.url)
    assert len(server.heads) == 5


def test_a_post_is_not_sent_again_elsewhere(serve: Callable[..., RawServer]) -> None:
    server = serve(answer(b"", "Location: /login", status="302 Found"))
    with Http() as client, pytest.raises(errors.Garbled):
        client.request(Service.IDENTITY, "POST", server.url)
    assert len(server.heads) == 1


def test_cookies_are_not_kept(serve: Callable[..., RawServer]) -> None:
    server = serve(answer(b"{}", "Set-Cookie: who=me"))
    with Http() as client:
        client.request(Service.COMPUTE, "GET", server.url)
        client.request(Service.COMPUTE, "GET", server.url)
    assert "who=me" not in server.heads[1]


def test_a_netrc_does_not_replace_the_token(
    serve: Callable[..., RawServer], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login thief password word\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server = serve(answer(b"{}"))
    with Http() as client:
        client.request(Service.IDENTITY, "GET", server.url, headers={"Authorization": "Bearer mine"})
    assert "Authorization: Bearer mine" in server.heads[0]


def test_calls_are_counted_with_their_time_and_outcome(serve: Callable[..., RawServer]) -> None:
    server = serve(answer(b"", status="503 Busy"))
    with Http() as client:
        with pytest.raises(errors.ServerFault):
            client.request(Service.COMPUTE, "GET", server.url + "?marker=1")
        server.listener.close()
    (call,) = client.calls
    assert (call.service, call.method, call.path, call.status) == (Service.COMPUTE, "GET", "/x", 503)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, str]:
    """Return a server's TLS context with a self-signed certificate for 127.0.0.1, and the certificate as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "cloud.test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    folder = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(pem)
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context, pem.decode()


def test_a_private_certificate_is_trusted_by_the_locations_bundle(
    serve: Callable[..., RawServer], certificate: tuple[ssl.SSLContext, str]
) -> None:
    context, pem = certificate
    assert get(serve(answer(b'{"a": 1}'), context).url, pem) == {"a": 1}


def test_a_private_certificate_is_refused_without_the_bundle(
    serve: Callable[..., RawServer], certificate: tuple[ssl.SSLContext, str]
) -> None:
    server = serve(answer(b'{"a": 1}'), certificate[0])
    with pytest.raises(errors.Untrusted, match="self-signed"):
        get(server.url)
    assert server.heads == []


def test_verification_can_not_be_switched_off(
    serve: Callable[..., RawServer], certificate: tuple[ssl.SSLContext, str]
) -> None:
    server = serve(answer(b"{}"), certificate[0])
    with http.Session() as client, pytest.raises(requests.exceptions.SSLError):
        client.get(server.url, verify=False)  # that is the point
    assert server.heads == []


def test_a_certificate_of_another_host_is_refused(
    serve: Callable[..., RawServer], certificate: tuple[ssl.SSLContext, str]
) -> None:
    context, pem = certificate
    server = serve(answer(b"{}"), context)
    with pytest.raises(errors.Untrusted, match="another host name"):
        get(server.url.replace("127.0.0.1", "localhost"), pem)


def test_a_port_without_tls_is_named_as_such(serve: Callable[..., RawServer]) -> None:
    server = serve(answer(b"{}"))
    with pytest.raises(errors.Untrusted, match="no TLS at this port"):
        get(server.url.replace("http:", "https:"))


def test_a_bundle_that_is_none_is_named_as_such() -> None:
    with pytest.raises(errors.Unreachable, match="CA bundle"):
        get("https://127.0.0.1/", "nonsense")

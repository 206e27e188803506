"""Redis, identity provider and portal of one state folder, brought up step by step."""

import hashlib
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from portal.demo import keys, parts, redis
from portal.demo.layout import REPOSITORY, Layout
from portal.demo.supervisor import Part, Supervisor, Trouble
from portal.idp.keys import ensure_signing_key


class Site:
    """What `make demo` runs beside the clouds. `settings` are extra variables for the portal and the provider."""

    def __init__(
        self, layout: Layout, say: Callable[[str], None] = lambda _: None, settings: Mapping[str, str] | None = None
    ) -> None:
        self.layout = layout
        self.say = say
        for folder in (layout.state, layout.logs, layout.run):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)  # tokens and keys lie in there, and something else may have made it
        self.supervisor = Supervisor(layout.run, REPOSITORY)
        self.settings = dict(settings or {})
        self.redis_password = ""
        self.portal: dict[str, str] = {}
        self.provider: dict[str, str] = {}

    def prepare(self) -> None:
        """Check the prerequisites before anything is started, and generate the secrets. Raises Trouble or NoRedis."""
        layout = self.layout
        self.supervisor.end_leftovers()
        for part, port in layout.taken_ports():
            raise Trouble(
                f"Port {port} ({part}) is in use: stop what listens there, or run MESHDECK_PORT=9000 make demo"
            )
        redis.executable()
        file = layout.state / "demo.env"
        secrets = keys.ensure(file)
        self.redis_password = secrets["MESHDECK_DEMO_REDIS_PASSWORD"]
        signing_key = ensure_signing_key(layout.state / "idp-signing-key.pem")
        self.portal = parts.portal_environment(layout, secrets) | self.settings
        self.provider = parts.idp_environment(layout, secrets, signing_key) | self.settings
        keys.write(file, secrets | self.portal | {"DEVCLOUD_PORT_BASE": str(layout.cloud_port)})

    def start_redis(self) -> None:
        """Start Redis, which the others need."""
        self.run(parts.redis_part(self.layout, self.redis_password))

    def start_provider(self) -> None:
        """Start the identity provider and seed its people."""
        self.manage("identity provider's database", self.provider, "migrate", "--verbosity", "0")
        self.manage("demo's people", self.provider, "seed_idp")
        self.run(parts.idp_part(self.layout, self.provider))

    def start_foundation(self) -> None:
        """Start the stand-in for a Cloud Foundry foundation."""
        self.run(parts.foundation_part(self.layout, self.provider))

    def start_portal(self) -> None:
        """Start all of the portal; `wait_ready` returns when it works."""
        self.start_web()
        self.start_workers()

    def start_web(self) -> None:
        """Prepare the database and static files and start the web server."""
        self.manage("portal's database", self.portal, "migrate", "--verbosity", "0")
        self._collect_static()
        self.run(parts.web_part(self.layout, self.portal))

    def start_workers(self) -> None:
        """Start worker and beat."""
        self.run(parts.worker_part(self.layout, self.portal))
        self.supervisor.start(parts.beat_part(self.layout, self.portal))

    def add_locations(self) -> None:
        """Add the clouds to the portal; they have to be running."""
        for position, (name, address) in enumerate(self.layout.locations.items()):
            options = ["--trusts-cli-callback", "--position", str(position), "--account", parts.ACCOUNT.get(name, "")]
            self.manage(f"location {name}", self.portal, "add_location", name, address, *options)
        self.add_foundation("--passcode-in-place")

    def add_foundation(self, *options: str) -> None:
        """Add the foundation to the portal; it has to be running. It is on the portal's site, 127.0.0.1."""
        place = ["north-cf", self.layout.foundation, "--kind", "cloudfoundry", "--identity-provider", parts.ORIGIN]
        position = str(len(self.layout.locations))
        self.manage("location north-cf", self.portal, "add_location", *place, "--position", position, *options)

    def wait_ready(self) -> None:
        """Wait until /readyz reports every part as ready."""
        self.supervisor.wait(parts.beat_part(self.layout, self.portal))

    def run(self, part: Part) -> None:
        """Start a part and wait until it is ready."""
        self.supervisor.start(part)
        self.supervisor.wait(part)
        self.say(f"{part.name} is running")

    def manage(self, what: str, environment: Mapping[str, str], *arguments: str) -> None:
        """Run a management command. Raises Trouble with the end of its output."""
        log = self.layout.logs / "manage.log"
        with log.open("ab") as output:
            done = subprocess.run(
                [sys.executable, "manage.py", *arguments],
                cwd=REPOSITORY,
                env={**parts.base_environment(), **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if done.returncode:
            raise Trouble(f"The {what} could not be set up (manage.py {arguments[0]}).", log)
        self.say(f"{what} set up")

    def _collect_static(self) -> None:
        """Compress and hash the static files. This takes seconds, so only when one of them has changed."""
        mark = self.layout.state / "static-collected"
        wanted = fingerprint([REPOSITORY / "requirements.lock", REPOSITORY / "static"])
        if mark.exists() and mark.read_text() == wanted:
            return
        self.manage("portal's files", self.portal, "collectstatic", "--noinput", "--clear", "--verbosity", "0")
        mark.write_text(wanted)


def fingerprint(paths: Sequence[Path]) -> str:
    """Return a hash of the content of the files, and of the files in the folders."""
    digest = hashlib.sha256()
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                digest.update(f"{file.relative_to(REPOSITORY)}\0".encode() + file.read_bytes())
    return digest.hexdigest()

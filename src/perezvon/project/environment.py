"""What the machine is, read once from its environment variables.

What an administrator may change lives in the database. `environment()` is the only reader; a value that makes
no sense stops the start with one sentence, before anything was opened.
"""

from __future__ import annotations

import difflib
import hashlib
import ipaddress
import os
import re
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from perezvon.kernel.errors import PerezvonError

DATABASE_NAME = "perezvon"
MOST_PROXIES = 9
_SCANNER = re.compile(r"eicar|clamd:(/[^\0]{1,100}|[A-Za-z0-9.-]{1,253}:[0-9]{1,5})")
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"", "0", "false", "no", "off"}

# Every variable there is, and what it says of the machine.
VARIABLES = {
    "PEREZVON_HOME": "folder of all state; `.state/` in a clone, else `~/.local/state/perezvon`",
    "DATABASE_URL": "a PostgreSQL 15 or newer; absent: one of our own, in home",
    "PEREZVON_HOST": "address to listen on; without TLS or a proxy it is this machine's own in any case",
    "PEREZVON_PORT": "8000 unless told otherwise",
    "PEREZVON_PUBLIC_URL": "https://… under which customers reach us, for links in letters; absent: none are sent",
    "PEREZVON_TLS_CERT": "certificate chain, PEM",
    "PEREZVON_TLS_KEY": "its private key, PEM, PKCS #8",
    "PEREZVON_BEHIND_PROXY": "how many proxies are before us; the first does TLS, each adds to X-Forwarded-For",
    "PEREZVON_VOICE_ADDRESS": "this machine's address as browsers outside see it, for sound",
    "PEREZVON_VOICE_LOOPBACK_ONLY": "1: sound stays on this machine",
    "PEREZVON_TURN_URL": "a TURN server for browsers behind closed networks, or several of its addresses",
    "PEREZVON_TURN_SECRET": "shared with it: browsers get a name and a password for a day, made with it",
    "PEREZVON_TURN_USER": "the voice switch's own name there",
    "PEREZVON_TURN_PASSWORD": "and password",
    "PEREZVON_SECRET_KEY": "at least 32 characters; absent: made once, kept in home, for its owner only",
    "PEREZVON_SECRET_KEY_FILE": "a file that holds it",
    "PEREZVON_SCANNER": "a virus scanner for files: clamd:/path/to/socket, clamd:HOST:PORT; eicar: a test one",
    "PEREZVON_CREDIT_BUREAU": "a credit bureau; trial: one for demonstrations, which decides by the last digit",
    "PEREZVON_ASTERISK_URL": "an Asterisk's HTTP server: http://127.0.0.1:8088; absent: there is none",
    "PEREZVON_ASTERISK_USER": "our name there, for ARI and AMI; perezvon unless told otherwise",
    "PEREZVON_ASTERISK_PASSWORD": "and password; `perezvon telephony config` writes both into its files",
    "PEREZVON_ASTERISK_MANAGER": "HOST:PORT of its manager interface; port 5038 of the same host unless told otherwise",
    "PEREZVON_SIMULATOR": "1: a simulated telephone exchange takes part",
    "PEREZVON_DEBUG": "1: errors show their source; never where customers are",
    "PEREZVON_LOG_JSON": "1: log lines are JSON objects",
}


class WrongSetting(PerezvonError):
    """An environment variable holds something that cannot be meant. `str()` is the sentence to show."""

    code = "project.wrong_setting"

    def __str__(self) -> str:
        return "{name} {problem}".format(**self.facts)


@dataclass(frozen=True, slots=True)
class Environment:
    """The settings of this machine. Make one with `read`; take the process's own from `environment()`.

    home: where all state lives. database_url: None means the PostgreSQL that we bring along. host: the one asked
    for; see `listen`.
    public_url: where customers reach us, without the last slash; empty: they cannot.
    proxies: how many stand before us, each of which adds to X-Forwarded-For the address that it was asked from.
    voice_address: offered as ICE candidate to phones outside. voice_loopback_only: offer 127.0.0.1 and nothing else.
    turn_urls: of one relay, the plainest first. turn_secret: makes names and passwords for browsers; turn_user,
    turn_password: the voice switch's own.
    scanner: who looks for viruses in files; empty: nobody.
    credit_bureau: who is asked about loans; empty: nobody.
    asterisk_url: of its HTTP server; empty: no Asterisk. asterisk_manager: host and port of AMI.
    simulator: a simulated telephone exchange takes part, for demo, training and tests.
    """

    home: Path
    secret_key: str = field(repr=False)
    database_url: str | None = field(default=None, repr=False)
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    proxies: int = 0
    voice_address: str | None = None
    voice_loopback_only: bool = False
    turn_urls: tuple[str, ...] = ()
    turn_secret: str = field(default="", repr=False)
    turn_user: str = ""
    turn_password: str = field(default="", repr=False)
    scanner: str = ""
    credit_bureau: str = ""
    asterisk_url: str = ""
    asterisk_user: str = "perezvon"
    asterisk_password: str = field(default="", repr=False)
    asterisk_manager: tuple[str, int] = ("127.0.0.1", 5038)
    simulator: bool = False
    debug: bool = False
    log_json: bool = False

    @property
    def sockets(self) -> Path:
        """A directory whose name is short wherever home is: a socket's path may have 107 bytes. See open_private."""
        return Path("/tmp") / f"perezvon-{fingerprint(self.home)}"  # noqa: S108  (owner is checked by open_private)

    @property
    def voice_socket(self) -> Path:
        return self.sockets / "voice.sock"

    @property
    def postgres_sockets(self) -> Path:
        """Apart from ours, because PostgreSQL may run under another account."""
        return self.sockets / "pg"

    @property
    def recordings(self) -> Path:
        return self.home / "recordings"

    @property
    def files(self) -> Path:
        return self.home / "files"

    @property
    def run_file(self) -> Path:
        """Who runs in this home: written by the supervisor."""
        return self.home / "run.json"

    @property
    def is_embedded(self) -> bool:
        return self.database_url is None

    @property
    def database(self) -> str:
        """The URL to connect to, of the server given or of our own."""
        return self.database_url or f"postgresql://postgres@/{DATABASE_NAME}?host={self.postgres_sockets}"

    @property
    def is_secure(self) -> bool:
        """Whether browsers elsewhere reach us by TLS, ours or a proxy's."""
        return self.tls_cert is not None or self.proxies > 0

    @property
    def listen(self) -> str:
        """The address to bind. Without TLS it is this machine's own, whatever host says.

        Browsers give the microphone to secure pages only, so the desk would be deaf elsewhere, and passwords
        would cross the network in the clear.
        """
        return self.host if self.is_secure or _is_loopback(self.host) else "127.0.0.1"

    @property
    def url(self) -> str:
        """Where a browser on this machine finds us, without the last slash."""
        host = "127.0.0.1" if self.listen in {"0.0.0.0", "::"} else self.listen  # noqa: S104  (compared, not bound)
        shown = f"[{host}]" if ":" in host else host
        return f"{'https' if self.tls_cert else 'http'}://{shown}:{self.port}"


@cache
def environment() -> Environment:
    """The environment of this process."""
    return read(os.environ)


def read(environ: Mapping[str, str]) -> Environment:
    """The settings in `environ`; creates home and its key file when absent. Raises WrongSetting."""
    _refuse_unknown(environ)
    home = _home(environ)
    cert, key = _file(environ, "PEREZVON_TLS_CERT"), _file(environ, "PEREZVON_TLS_KEY")
    if (cert is None) != (key is None):
        missing, given = ("KEY", "CERT") if key is None else ("CERT", "KEY")
        raise WrongSetting(name=f"PEREZVON_TLS_{missing}", problem=f"must be given with PEREZVON_TLS_{given}.")
    if key and "-----BEGIN PRIVATE KEY-----" not in key.read_text("ascii", "replace"):
        raise WrongSetting(
            name="PEREZVON_TLS_KEY", problem="must be PKCS #8: openssl pkcs8 -topk8 -nodes -in OLD -out NEW."
        )
    return Environment(
        home=home,
        secret_key=_secret_key(environ, home),
        database_url=_database_url(environ),
        host=environ.get("PEREZVON_HOST", "").strip() or ("0.0.0.0" if cert else "127.0.0.1"),  # noqa: S104
        port=_port(environ, "PEREZVON_PORT", 8000),
        public_url=_public_url(environ),
        tls_cert=cert,
        tls_key=key,
        proxies=_proxies(environ),
        voice_address=_address(environ, "PEREZVON_VOICE_ADDRESS"),
        voice_loopback_only=_flag(environ, "PEREZVON_VOICE_LOOPBACK_ONLY"),
        turn_urls=_turn_urls(environ),
        turn_secret=environ.get("PEREZVON_TURN_SECRET", "").strip(),
        turn_user=environ.get("PEREZVON_TURN_USER", "").strip(),
        turn_password=environ.get("PEREZVON_TURN_PASSWORD", "").strip(),
        scanner=_scanner(environ),
        credit_bureau=_credit_bureau(environ),
        **_asterisk(environ),
        simulator=_flag(environ, "PEREZVON_SIMULATOR"),
        debug=_flag(environ, "PEREZVON_DEBUG"),
        log_json=_flag(environ, "PEREZVON_LOG_JSON"),
    )


def clone() -> Path | None:
    """The folder of the working copy we run from, None when installed."""
    root = Path(__file__).resolve().parents[3]
    return root if (root / "pyproject.toml").is_file() and (root / "src" / "perezvon").is_dir() else None


def django_database(url: str) -> dict[str, str]:
    """NAME, USER, PASSWORD, HOST and PORT of Django's DATABASES, from a PostgreSQL URL."""
    parts = conninfo_to_dict(url)
    wanted = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    return {name: str(parts.get(key) or "") for name, key in wanted.items()}


def fingerprint(path: Path) -> str:
    """Ten letters that stand for a path where the path itself is too long."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:10]


def open_private(folder: Path) -> Path:
    """Make `folder` ours alone, or refuse when somebody else made it first, as anyone may in /tmp.

    Root's can be passed through, so that PostgreSQL's account reaches its own folder inside. A mode that
    somebody chose later stays, unless others may write.
    """
    is_new = not folder.exists()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise WrongSetting(name=str(folder), problem="belongs to another user; remove it or choose another home.")
    if is_new or found.st_mode & 0o022:
        folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    return folder


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    """A misspelt name would otherwise be obeyed by silence."""
    for name in environ:
        if name.startswith("PEREZVON_") and not name.startswith("PEREZVON_TEST_") and name not in VARIABLES:
            near = difflib.get_close_matches(name, VARIABLES, 1)
            raise WrongSetting(name=name, problem=f"is not a setting{f'; {near[0]} is' if near else ''}.")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _home(environ: Mapping[str, str]) -> Path:
    given, root = environ.get("PEREZVON_HOME", "").strip(), clone()
    home = Path(given).expanduser() if given else root / ".state" if root else Path.home() / ".local/state/perezvon"
    try:
        return open_private(home.resolve())
    except OSError as error:
        raise WrongSetting(name="PEREZVON_HOME", problem=f"cannot be used ({error}).") from error


def _secret_key(environ: Mapping[str, str], home: Path) -> str:
    given, path = environ.get("PEREZVON_SECRET_KEY", ""), _file(environ, "PEREZVON_SECRET_KEY_FILE")
    if given and path:
        raise WrongSetting(name="PEREZVON_SECRET_KEY", problem="and PEREZVON_SECRET_KEY_FILE exclude each other.")
    name = "PEREZVON_SECRET_KEY_FILE" if path else "PEREZVON_SECRET_KEY"
    key = given or (path or _key_file(home)).read_text("ascii").strip()
    if len(key) < 32:
        raise WrongSetting(name=name, problem="must hold at least 32 characters.")
    return key


def _key_file(home: Path) -> Path:
    """Made once. The link makes two processes that start together agree on one key."""
    path = home / "secret.key"
    if not path.exists():
        draft = home / f"secret.key.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48), "ascii")
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path


def _public_url(environ: Mapping[str, str]) -> str:
    url = environ.get("PEREZVON_PUBLIC_URL", "").strip().rstrip("/")
    if url and not url.startswith(("https://", "http://")):
        raise WrongSetting(name="PEREZVON_PUBLIC_URL", problem="must look like https://contact.example.com.")
    return url


def _database_url(environ: Mapping[str, str]) -> str | None:
    url = environ.get("DATABASE_URL", "").strip()
    if not url:
        return None
    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError:
        parts = {}
    if not url.startswith(("postgresql://", "postgres://")) or not parts.get("dbname"):
        raise WrongSetting(name="DATABASE_URL", problem="must look like postgresql://user:password@host:5432/name.")
    return url


def _flag(environ: Mapping[str, str], name: str) -> bool:
    value = environ.get(name, "").strip().lower()
    if value not in _TRUE | _FALSE:
        raise WrongSetting(name=name, problem=f"must be 1 or 0, not {value!r}.")
    return value in _TRUE


def _proxies(environ: Mapping[str, str]) -> int:
    """A number; "yes" is one."""
    name = "PEREZVON_BEHIND_PROXY"
    value = environ.get(name, "").strip().lower()
    if value in _TRUE | _FALSE:
        return int(value in _TRUE)
    if not value.isascii() or not value.isdigit() or int(value) > MOST_PROXIES:
        raise WrongSetting(name=name, problem=f"must be the number of proxies, 0 to {MOST_PROXIES}, not {value!r}.")
    return int(value)


def _turn_urls(environ: Mapping[str, str]) -> tuple[str, ...]:
    """As browsers want them: turn:relay.example:3478; turns: for TLS, ?transport=tcp where UDP is forbidden."""
    name = "PEREZVON_TURN_URL"
    urls = tuple(environ.get(name, "").split())
    for url in urls:
        if not re.fullmatch(r"turns?:[^\s/]+", url):
            raise WrongSetting(name=name, problem=f"must look like turn:relay.example:3478, not {url!r}.")
    return urls


def _scanner(environ: Mapping[str, str]) -> str:
    given = environ.get("PEREZVON_SCANNER", "").strip()
    if given and not _SCANNER.fullmatch(given):
        raise WrongSetting(name="PEREZVON_SCANNER", problem="must be eicar, clamd:/path/to/socket or clamd:HOST:PORT")
    return given


def _credit_bureau(environ: Mapping[str, str]) -> str:
    given = environ.get("PEREZVON_CREDIT_BUREAU", "").strip()
    if given not in {"", "trial"}:
        raise WrongSetting(name="PEREZVON_CREDIT_BUREAU", problem=f"must be trial or nothing, not {given!r}")
    return given


def _asterisk(environ: Mapping[str, str]) -> dict[str, Any]:
    """The fields of an Asterisk, all or none."""
    url = environ.get("PEREZVON_ASTERISK_URL", "").strip().rstrip("/")
    if not url:
        return {}
    try:
        parts = urlsplit(url)
        makes_sense = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        makes_sense = False
    if not makes_sense or parts.username or parts.path or parts.query:
        raise WrongSetting(name="PEREZVON_ASTERISK_URL", problem="must look like http://127.0.0.1:8088.")
    password = environ.get("PEREZVON_ASTERISK_PASSWORD", "").strip()
    if len(password) < 12 or not password.isprintable() or ";" in password:
        problem = "must hold at least 12 characters and no semicolon."
        raise WrongSetting(name="PEREZVON_ASTERISK_PASSWORD", problem=problem)
    manager = environ.get("PEREZVON_ASTERISK_MANAGER", "").strip() or f"{parts.hostname}:5038"
    host, _, port = manager.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise WrongSetting(name="PEREZVON_ASTERISK_MANAGER", problem="must look like 127.0.0.1:5038.")
    return {
        "asterisk_url": url,
        "asterisk_user": environ.get("PEREZVON_ASTERISK_USER", "").strip() or "perezvon",
        "asterisk_password": password,
        "asterisk_manager": (host, int(port)),
    }


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    value = environ.get(name, "").strip() or str(default)
    if not value.isascii() or not value.isdigit() or not 0 < int(value) < 65536:
        raise WrongSetting(name=name, problem=f"must be a port between 1 and 65535, not {value!r}.")
    return int(value)


def _address(environ: Mapping[str, str], name: str) -> str | None:
    value = environ.get(name, "").strip()
    if not value:
        return None
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        raise WrongSetting(name=name, problem=f"must be an IP address, not {value!r}.") from None


def _file(environ: Mapping[str, str], name: str) -> Path | None:
    value = environ.get(name, "").strip()
    if not value:
        return None
    path = Path(value).expanduser().absolute()
    if not path.is_file() or not os.access(path, os.R_OK):
        raise WrongSetting(name=name, problem=f"must name a file that can be read, not {value!r}.")
    return path

"""Against a real LDAP server."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from perezvon.connectors.ldap import LdapDirectory
from perezvon.connectors.ldap import connector as ldap_connector
from perezvon.kernel.errors import TryLater
from perezvon.ports.directory import DirectorySettings, Known

OLGA = Known("lisina", "Olga", "Lisina", "lisina@bank.example", "+79161234567", frozenset({"Call centre", "Office"}))
SERVER = Path(__file__).parents[5] / "tests/support/directory_server.py"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> tuple[Path, Path]:
    """Of 127.0.0.1, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


@pytest.fixture(scope="module")
def port(certificate) -> Iterator[int]:
    paths = [str(path) for path in certificate]
    with subprocess.Popen([sys.executable, str(SERVER), *paths], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield int(server.stdout.readline())
        finally:
            server.kill()


def directory(port: int, **more) -> LdapDirectory:
    given = {
        "url": f"ldap://127.0.0.1:{port}",
        "base": "dc=bank",
        "account": "cn=perezvon,dc=bank",
        "password": "service-2026",
        "person_filter": "(uid={login})",
        "start_tls": False,
    }
    return LdapDirectory(DirectorySettings(**given | more))


def test_knows_a_person_by_his_password(port):
    assert directory(port).check("lisina", "spring-2026") == OLGA


def test_finds_a_person_without_one(port):
    assert directory(port).find("lisina") == OLGA
    assert directory(port).find("nobody") is None


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("lisina", "winter-2025"),
        ("lisina", ""),
        ("nobody", "spring-2026"),
        ("", "spring-2026"),
        ("double", "spring-2026"),
        ("*", "spring-2026"),
        ("lis*", "spring-2026"),
        ("lisina)(uid=*", "spring-2026"),
        ("x\x00y", "spring-2026"),
    ],
)
def test_knows_nobody_else(port, login, password):
    assert directory(port).check(login, password) is None


def test_asks_over_tls(port, certificate):
    assert directory(port, start_tls=True, ca=certificate[0].read_text()).check("lisina", "spring-2026") == OLGA


def test_tells_nothing_to_a_stranger_who_poses_as_the_directory(port):
    with pytest.raises(TryLater):
        directory(port, start_tls=True).check("lisina", "spring-2026")


def test_says_so_when_its_own_account_is_refused(port):
    with pytest.raises(TryLater):
        directory(port, password="another").check("lisina", "spring-2026")


def test_is_not_there(port, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody answers
        with pytest.raises(TryLater):
            directory(taken.getsockname()[1]).check("lisina", "spring-2026")


def test_gives_up_on_one_that_does_not_answer(monkeypatch):
    monkeypatch.setattr(ldap_connector, "SECONDS", 1)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(TryLater):
            directory(silent.getsockname()[1]).check("lisina", "spring-2026")


def test_never_shows_its_password():
    assert "service-2026" not in repr(DirectorySettings("ldap://x", "dc=bank", password="service-2026"))

"""Against a real SMTP server on this machine, plain and with TLS."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from ipaddress import ip_address
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from perezvon.connectors.smtp import KIND, Smtp, SmtpSettings, make
from perezvon.ports.contracts import messages as contract
from perezvon.ports.messages import Attachment, Message, NotTaken, Rejected, Way, WrongSettings

ADDRESS = "anna@mail.example"
PASSWORD = "right"


@dataclass
class Letter:
    to: str
    text: str
    subject: str
    id: str
    sender: str
    headers: list[str]
    attachments: list[Attachment]


@dataclass
class Server:
    """aiosmtpd with moods."""

    settings: dict[str, Any] = field(default_factory=dict)
    controller_settings: dict[str, Any] = field(default_factory=dict)
    context: ssl.SSLContext | None = None
    way: Way = Way.EMAIL
    address: str = ADDRESS

    def __post_init__(self) -> None:
        self.mood = "well"
        self.letters: list[Letter] = []
        self.silence = threading.Event()
        self.controller = Controller(self, hostname="127.0.0.1", port=0, **self.controller_settings)
        self.port = 0
        self.controller._trigger_server = self._touch  # its own way would ask port 0
        self.controller.start()

    def _touch(self) -> None:
        self.port = self.controller.server.sockets[0].getsockname()[1]
        socket.create_connection(("127.0.0.1", self.port), timeout=5).close()

    @property
    def messenger(self) -> Smtp:
        wanted = {"host": "127.0.0.1", "port": self.port, "security": "none", "sender": "desk@bank.example"}
        return Smtp(SmtpSettings(**{**wanted, "timeout_s": 1.0, **self.settings}), self.context)

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        if self.mood == "later":
            return "451 4.3.0 busy, try again later"
        if self.mood == "never":
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session, envelope) -> str:
        if self.mood == "silence":
            server.transport.abort()
            return "250 OK"
        letter = message_from_bytes(envelope.content, policy=policy.default)
        text = letter.get_body(("plain",)).get_content().replace("\r\n", "\n")
        files = [
            Attachment(one.get_filename(), one.get_content_type(), one.get_payload(decode=True))
            for one in letter.iter_attachments()
        ]
        known = Letter(
            str(letter["To"]),
            text,
            str(letter["Subject"]),
            str(letter["Message-ID"]),
            str(letter["From"]),
            letter.keys(),
            files,
        )
        self.letters.append(known)
        return "250 OK"

    def arrived(self) -> list[Letter]:
        return self.letters

    def answer(self, how: str) -> None:
        self.mood = how

    def leave(self) -> None:
        self.controller.stop()


@pytest.fixture
def servers() -> Iterator[list[Server]]:
    made: list[Server] = []
    yield made
    for server in made:
        if server.controller.server is not None:
            server.controller.stop(no_assert=True)


@pytest.fixture
def bench(servers) -> Server:
    servers.append(Server())
    return servers[-1]


class TestCarries(contract.Carries):
    has_files = True


class TestTellsFailures(contract.TellsFailures):
    pass


def letter(text: str = "text", **more: str) -> Message:
    return Message(Way.EMAIL, more.pop("to", ADDRESS), text, **{"subject": "subject", "id": "0192", **more})


class TestSmtp:
    def test_no_header_can_be_slipped_in(self, bench):
        settings = {"sender_name": "Банк, «Надёжный»"}
        bench.settings = settings
        bench.messenger.send(letter(subject="One\r\nBcc: all@example.org"), now=contract.NOON)

        [got] = bench.arrived()
        assert "Bcc" not in got.headers
        assert got.subject == "One Bcc: all@example.org"
        assert "Банк, «Надёжный»" in got.sender
        assert got.id == "<0192@bank.example>"

    @pytest.mark.parametrize(
        "address", ["a@b.example\r\nRCPT TO:<c@d.example>", "кто-то@mail.example", "", "none", "a b@mail.example"]
    )
    def test_what_is_no_address_is_refused_before_a_word_is_said(self, bench, address):
        with pytest.raises(Rejected):
            bench.messenger.send(letter(to=address), now=contract.NOON)
        assert bench.arrived() == []

    def test_a_domain_of_other_letters_is_written_as_servers_know_it(self, bench):
        bench.messenger.send(letter(to="info@почта.рф"), now=contract.NOON)

        assert bench.arrived()[0].to == "info@xn--80a1acny.xn--p1ai"

    def test_a_letter_larger_than_the_server_takes_is_not_sent(self, servers):
        servers.append(Server(controller_settings={"data_size_limit": 5000}))
        with pytest.raises(Rejected):
            servers[0].messenger.send(letter("x" * 20_000), now=contract.NOON)

    def test_a_server_that_says_nothing_is_left_after_the_time_is_out(self):
        with socket.create_server(("127.0.0.1", 0)) as deaf:
            settings = SmtpSettings("127.0.0.1", deaf.getsockname()[1], "none", "desk@bank.example", timeout_s=0.2)
            with pytest.raises(NotTaken) as refused:
                Smtp(settings).send(letter(), now=contract.NOON)
        assert "imed out" in str(refused.value.facts["said"])

    @pytest.mark.filterwarnings("ignore:Requiring AUTH")  # the server does not count TLS from the first byte
    @pytest.mark.parametrize("security", ["tls", "starttls"])
    def test_it_signs_in_behind_tls_and_trusts_nobody_else(self, servers, security, certificate):
        inside, trusting = certificate

        def known(server, session, envelope, mechanism, data) -> AuthResult:
            right = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
            return AuthResult(success=right, handled=False)

        more = {"authenticator": known, "auth_required": True, "auth_require_tls": security == "starttls"}
        more |= {"ssl_context": inside} if security == "tls" else {"tls_context": inside, "require_starttls": True}
        settings = {"security": security, "login": "desk", "password": PASSWORD}
        server = Server(settings, more, trusting)
        servers.append(server)

        server.messenger.send(letter(), now=contract.NOON)
        assert len(server.arrived()) == 1

        server.settings = settings | {"password": "wrong"}
        with pytest.raises(NotTaken) as refused:
            server.messenger.send(letter(), now=contract.NOON)
        assert "535" in str(refused.value.facts["said"])
        assert PASSWORD not in str(refused.value)

        server.context = None
        with pytest.raises(NotTaken) as refused:
            server.messenger.send(letter(), now=contract.NOON)
        assert "certificate" in str(refused.value.facts["said"]).lower()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """(for a server on this machine, for a client that trusts it)"""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")]), datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    inside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    inside.load_cert_chain(path)
    return inside, ssl.create_default_context(cafile=str(path))


class TestSettings:
    def test_what_an_administrator_gives_makes_a_messenger(self):
        given = {"host": "mail.example", "security": "tls", "sender": "desk@bank.example", "secret": "s"}

        assert isinstance(make(given), Smtp)
        assert KIND.ways == (Way.EMAIL,)

    @pytest.mark.parametrize(
        ("wrong", "name"),
        [
            ({"host": ""}, "host"),
            ({"host": "a b"}, "host"),
            ({"security": "magic"}, "security"),
            ({"port": "0"}, "port"),
            ({"port": "x"}, "port"),
            ({"sender": "nobody"}, "sender"),
            ({"timeout": "10000"}, "timeout"),
        ],
    )
    def test_what_makes_no_sense_is_told_by_its_name(self, wrong, name):
        given = {"host": "mail.example", "sender": "desk@bank.example", **wrong}
        with pytest.raises(WrongSettings) as refused:
            make(given)
        assert refused.value.facts["name"] == name

"""Letters by SMTP: one connection a letter, TLS as it is asked for, the same Message-ID however often it is tried."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from perezvon.kernel import checks
from perezvon.ports.messages import (
    Kind,
    Message,
    NotTaken,
    Receipt,
    Rejected,
    Report,
    Sent,
    Setting,
    Unsure,
    Way,
    WrongSettings,
)

LONGEST_TEXT, LONGEST_SUBJECT = 500_000, 500
PORTS = {"tls": 465, "starttls": 587, "none": 25}
_SAID = 300  # of what the other side says, this much is kept


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """security: "tls" from the first byte, "starttls", or "none" for a server on the same machine or network."""

    host: str
    port: int
    security: str
    sender: str
    sender_name: str = ""
    login: str = ""
    password: str = ""
    timeout_s: float = 20.0


class Smtp:
    """A messenger for letters."""

    knows_repeats = True  # by the Message-ID

    def __init__(self, settings: SmtpSettings, context: ssl.SSLContext | None = None) -> None:
        self._settings = settings
        self._context = context or ssl.create_default_context()

    def send(self, message: Message, *, now: datetime) -> Receipt:
        letter = self._letter(message, now)
        with self._connected() as server:
            self._hand_over(server, message.to, letter)
        return Receipt(letter["Message-ID"])

    def recent(self, limit: int) -> Sequence[Sent]:
        return []

    def read_report(self, given: Mapping[str, str]) -> Report | None:
        return None

    def _letter(self, message: Message, now: datetime) -> EmailMessage:
        """What email.message makes of it holds no header but ours: a line break in a subject is a blank here."""
        letter = EmailMessage()
        try:
            letter["From"] = Address(self._settings.sender_name, addr_spec=self._settings.sender)
            letter["To"] = Address(addr_spec=ascii_address(message.to))
            letter["Subject"] = " ".join(message.subject.split())[:LONGEST_SUBJECT]
            letter["Date"] = format_datetime(now)
            letter["Message-ID"] = f"<{message.id or now.timestamp()}@{self._settings.sender.partition('@')[2]}>"
            letter["Auto-Submitted"] = "auto-generated"
            letter.set_content(message.text[:LONGEST_TEXT])
            for one in message.attachments:
                main, _slash, kind = one.kind.partition("/")
                letter.add_attachment(one.content, maintype=main, subtype=kind, filename=one.name)
        except (ValueError, IndexError, UnicodeError) as error:
            raise Rejected(said=f"{error}"[:_SAID]) from None
        return letter

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """Everything before the first letter; whatever goes wrong here, nothing was handed over."""
        server: smtplib.SMTP | None = None
        try:
            server = self._connect()
            if self._settings.login:
                server.login(self._settings.login, self._settings.password)
        except (OSError, smtplib.SMTPException) as error:
            if server is not None:
                server.close()
            raise NotTaken(said=_said(error)) from None
        try:
            yield server
        finally:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()

    def _connect(self) -> smtplib.SMTP:
        wanted = self._settings
        if wanted.security == "tls":
            return smtplib.SMTP_SSL(wanted.host, wanted.port, timeout=wanted.timeout_s, context=self._context)
        server = smtplib.SMTP(wanted.host, wanted.port, timeout=wanted.timeout_s)
        if wanted.security == "starttls":
            server.starttls(context=self._context)
        return server

    def _hand_over(self, server: smtplib.SMTP, to: str, letter: EmailMessage) -> None:
        content = letter.as_bytes(policy=SMTP)  # lines end as the protocol wants it
        try:
            server.ehlo_or_helo_if_needed()
            room = server.esmtp_features.get("size", "")
            if room.isdecimal() and 0 < int(room) < len(content):
                raise Rejected(said=f"{len(content)} > {room} B")
            _must_take(*server.mail(self._settings.sender))
            _must_take(*server.rcpt(ascii_address(to)))
        except (OSError, smtplib.SMTPException) as error:
            raise NotTaken(said=_said(error)) from None
        try:
            _must_take(*server.data(content))
        except smtplib.SMTPDataError as error:
            _must_take(error.smtp_code, error.smtp_error)
        except (OSError, smtplib.SMTPException) as error:
            raise Unsure(said=_said(error)) from None


def ascii_address(address: str) -> str:
    """As servers without SMTPUTF8 take it. Raises ValueError."""
    box, at, domain = address.rpartition("@")
    if not (box and at and box.isascii() and box.isprintable()):
        raise ValueError(address)
    return f"{box}@{domain.encode('idna').decode()}"


def _must_take(code: int, said: bytes | str) -> None:
    """4xx: later; 5xx: never (RFC 5321 §4.2.1)."""
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    told = f"{code} {' '.join(words.split())}"[:_SAID]
    if 400 <= code < 500:
        raise NotTaken(said=told)
    if code >= 500:
        raise Rejected(said=told)


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        return f"{error.smtp_code} {words}"[:_SAID]
    return f"{type(error).__name__}: {error}"[:_SAID]


def make(given: Mapping[str, str]) -> Smtp:
    """Raises WrongSettings."""
    host, security = given.get("host", "").strip(), given.get("security", "starttls")
    if not host or any(sign.isspace() for sign in host):
        raise WrongSettings(name="host", why="field.required")
    if security not in PORTS:
        raise WrongSettings(name="security", why="choice.unknown")
    port, timeout = given.get("port", "") or str(PORTS[security]), given.get("timeout", "") or "20"
    if not port.isdecimal() or not 0 < int(port[:6]) < 65536:
        raise WrongSettings(name="port", why="number.form")
    if not timeout.isdecimal() or not 0 < int(timeout[:4]) <= 120:
        raise WrongSettings(name="timeout", why="number.form")
    try:
        sender = ascii_address(checks.email(given.get("sender", "")))
    except (checks.Wrong, ValueError):
        raise WrongSettings(name="sender", why="email.form") from None
    return Smtp(
        SmtpSettings(
            host=host,
            port=int(port),
            security=security,
            sender=sender,
            sender_name=" ".join(given.get("sender_name", "").split()),
            login=given.get("login", "").strip(),
            password=given.get("secret", ""),
            timeout_s=float(timeout),
        )
    )


KIND = Kind(
    "smtp",
    (Way.EMAIL,),
    make,
    (
        Setting("host", required=True),
        Setting("security", "choice", "starttls", ("starttls", "tls", "none")),
        Setting("port", "number"),
        Setting("login"),
        Setting("secret", "secret"),
        Setting("sender", required=True),
        Setting("sender_name"),
        Setting("timeout", "number", "20"),
    ),
)

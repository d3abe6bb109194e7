"""The configuration that an Asterisk needs to be ours, as the texts of its files."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from perezvon.connectors.asterisk_ari.settings import APP, PHONE, SOUNDS, TRUNK

_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]{1,253}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """trunk: host or host:port of the provider or gateway; empty: no calls from outside and none to numbers.

    agents: ids of operators who get a phone. listen: address of the SIP port. http, manager: addresses and ports of
    ARI and AMI, which only Perezvon has to reach.
    """

    user: str
    password: str = field(repr=False)
    secret: str = field(repr=False)
    agents: tuple[int, ...]
    trunk: str = ""
    listen: str = "0.0.0.0:5060"
    http: tuple[str, int] = ("127.0.0.1", 8088)
    manager: tuple[str, int] = ("127.0.0.1", 5038)

    def __post_init__(self) -> None:
        """Raises ValueError for what would become another line of a file."""
        for text in (self.user, self.password):
            if not text or not text.isprintable() or ";" in text or text != text.strip():
                raise ValueError("user and password: printable characters without semicolons")
        for text in (self.listen, self.trunk or "none"):
            if not _HOST.fullmatch(text):
                raise ValueError(f"not an address: {text!r}")


def phone_password(secret: str, agent_id: int) -> str:
    """The same whenever it is asked for, so that writing the files anew changes no phone."""
    digest = hmac.digest(secret.encode(), f"sip phone {agent_id}".encode(), hashlib.sha256)
    return base64.b32encode(digest)[:24].decode().lower()


def files(wishes: Wishes) -> dict[str, str]:
    """Name and text of each."""
    texts = {
        "http.conf": _http(wishes),
        "ari.conf": _ari(wishes),
        "manager.conf": _manager(wishes),
        "pjsip.conf": _pjsip(wishes),
        "pjsip_notify.conf": "; Its module does not load without this file.\n",
        "extensions.conf": _extensions(),
        "musiconhold.conf": _section("default", ("mode", "files"), ("directory", f"{SOUNDS}-moh")),
    }
    return {
        name: f"; Written by `perezvon telephony config`; written anew it looks the same.\n\n{text}"
        for name, text in texts.items()
    }


def _section(name: str, *lines: tuple[str, object], like: str = "") -> str:
    return "\n".join([f"[{name}]{like}", *(f"{key} = {value}" for key, value in lines)]) + "\n\n"


def _http(wishes: Wishes) -> str:
    host, port = wishes.http
    return _section("general", ("enabled", "yes"), ("bindaddr", host), ("bindport", port), ("sessionlimit", 200))


def _ari(wishes: Wishes) -> str:
    user = _section(wishes.user, ("type", "user"), ("password_format", "plain"), ("password", wishes.password))
    return _section("general", ("enabled", "yes"), ("pretty", "no")) + user


def _manager(wishes: Wishes) -> str:
    host, port = wishes.manager
    user = _section(
        wishes.user,
        ("secret", wishes.password),
        ("deny", "0.0.0.0/0.0.0.0"),
        ("permit", f"{host}/255.255.255.255"),
        ("read", "none"),
        ("write", "system,call"),
        ("writetimeout", 5000),
    )
    return _section("general", ("enabled", "yes"), ("bindaddr", host), ("port", port), ("webenabled", "no")) + user


def _pjsip(wishes: Wishes) -> str:
    parts = [
        _section("global", ("type", "global"), ("endpoint_identifier_order", "username,ip")),
        _section("udp", ("type", "transport"), ("protocol", "udp"), ("bind", wishes.listen)),
        "; A phone's own transfer key is refused: transfers are made at the desk. Who is silent for 30 s is hung up.\n",
        _section(
            "sound",
            ("type", "endpoint"),
            ("disallow", "all"),
            ("allow", "alaw,ulaw"),
            ("direct_media", "no"),
            ("dtmf_mode", "rfc4733"),
            ("rtp_symmetric", "yes"),
            ("force_rport", "yes"),
            ("rtp_timeout", 30),
            ("rtp_timeout_hold", 300),
            ("set_var", "PJSIP_TRANSFER_HANDLING()=ari-only"),
            like="(!)",
        ),
        *_trunk(wishes),
        *_phones(wishes),
    ]
    return "".join(parts)


def _trunk(wishes: Wishes) -> Iterable[str]:
    if not wishes.trunk:
        return
    host = re.sub(r":\d+$", "", wishes.trunk)
    yield _section(TRUNK, ("context", f"{APP}-lines"), ("aors", TRUNK), like="(sound)")
    yield _section(TRUNK, ("type", "aor"), ("contact", f"sip:{wishes.trunk}"))
    yield _section(TRUNK, ("type", "identify"), ("endpoint", TRUNK), ("match", host))


def _phones(wishes: Wishes) -> Iterable[str]:
    for agent_id in wishes.agents:
        name = f"{PHONE}{agent_id}"
        yield _section(name, ("context", f"{APP}-phones"), ("auth", name), ("aors", name), like="(sound)")
        yield _section(
            name,
            ("type", "auth"),
            ("auth_type", "userpass"),
            ("username", name),
            ("password", phone_password(wishes.secret, agent_id)),
        )
        yield _section(
            name,
            ("type", "aor"),
            ("max_contacts", 1),
            ("remove_existing", "yes"),
            ("default_expiration", 120),
            ("qualify_frequency", 15),
            ("qualify_timeout", 3),
        )


def _extensions() -> str:
    """Every number that is called is a line. A caller who said beforehand not to record him says so in a header."""
    lines = [f"[{APP}-lines]"]
    for pattern in ("_X!", "_+X!", "_[a-zA-Z]."):
        record = '${IF($["${PJSIP_HEADER(read,X-Perezvon-Record)}" = "no"]?unrecorded:)}'
        lines += [
            f"exten => {pattern},1,Set(PEREZVON_RECORD={record})",
            f" same => n,Stasis({APP},${{EXTEN}},${{PEREZVON_RECORD}})",
            "; Only who never got in comes here: nobody listens to the application.",
            ' same => n,GotoIf($["${STASISSTATUS}" != "FAILED"]?over)',
            f" same => n,Playback({SOUNDS}/ru/call_back_later)",
            " same => n(over),Hangup()",
        ]
    phones = [
        f"[{APP}-phones]",
        "; Calls are made from the desk, where they get a contact.",
        "exten => _X!,1,Congestion(3)",
    ]
    check = [
        f"[{APP}-check]",
        "exten => check,1,Answer()",
        f" same => n,Playback({SOUNDS}/ru/greeting)",
        " same => n,Wait(5)",
    ]
    return "\n".join([*lines, "", *phones, "", *check]) + "\n"

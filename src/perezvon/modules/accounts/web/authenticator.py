"""Setting up an application that shows codes: the QR code, and a sheet of backup codes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode

import segno

from perezvon.foundation.access import Person
from perezvon.kernel import totp
from perezvon.modules.accounts import services

ISSUER = "Perezvon"
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class Picture:
    """The QR code as a data URI, and the same secret for those who type it."""

    uri: str
    secret: str


def begin(by: Person, login: str, now: datetime) -> Picture:
    """The secret that is being set up, made when there is none yet; reloading the page shows the same one."""
    secret = services.secret_being_set_up(by.id)
    if secret is None:
        secret = secrets.token_bytes(totp.SECRET_BYTES)
        services.begin_authenticator(secret=secret, by=by, now=now)
    drawn = segno.make(_provisioning(secret, login), error="m").svg_data_uri(scale=5, border=3, light="#ffffff")
    return Picture(drawn, " ".join(_in_fours(totp.as_text(secret))))


def new_sheet() -> list[str]:
    """Backup codes as they are shown, once."""
    return [f"{_signs()}-{_signs()}" for _number in range(services.BACKUP_CODES)]


def _signs() -> str:
    return "".join(secrets.choice(_SIGNS) for _place in range(5))


def _provisioning(secret: bytes, login: str) -> str:
    """What the picture says: the Key Uri Format that authenticator applications read."""
    values = {"secret": totp.as_text(secret), "issuer": ISSUER, "digits": totp.DIGITS, "period": totp.STEP_S}
    return f"otpauth://totp/{ISSUER}:{quote(login)}?{urlencode(values, quote_via=quote)}"


def _in_fours(text: str) -> list[str]:
    return [text[start : start + 4] for start in range(0, len(text), 4)]

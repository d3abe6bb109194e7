"""One-time codes by time: RFC 6238 with SHA-1, six digits and 30 s, as every authenticator application does it.

Ten lines of the standard library; a package would bring models, forms and middleware of its own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

DIGITS = 6
STEP_S = 30
SECRET_BYTES = 20  # RFC 4226 section 4, R6 recommends 160 bits


def step_at(now: datetime) -> int:
    """The number of the 30-second step that a moment lies in."""
    return int(now.timestamp()) // STEP_S


def code_at(secret: bytes, step: int) -> str:
    """RFC 4226 section 5.3: dynamic truncation of HMAC-SHA-1."""
    digest = hmac.new(secret, step.to_bytes(8), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4]) & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def matching_step(secret: bytes, code: str, now: datetime, *, after: int = 0) -> int | None:
    """The step whose code this is: the present one, the one before or the one after, for clocks differ.

    after: the step of the last code that was taken; that one and those before are refused, so a code is good once.
    """
    current = step_at(now)
    for step in (current, current - 1, current + 1):
        if step > after and hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            return step
    return None


def as_text(secret: bytes) -> str:
    """As people type it when there is no camera."""
    return base64.b32encode(secret).decode().rstrip("=")

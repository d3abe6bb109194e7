"""Relays for browsers behind closed networks: which, and a name and password that are good for a day.

The scheme is coturn's `use-auth-secret` (its "TURN REST API"): the name says when it ends, the password is an HMAC
of the name with a secret that only the relay and we know. So nothing is stored, and whoever takes one from a page can
send through the relay for a day.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

WHO = "perezvon"  # in the relay's log
LIVES = timedelta(days=1)  # a desk keeps its page, and with it the name, for a whole shift


def ice_servers(now: datetime) -> list[dict[str, Any]]:
    """What a browser's RTCPeerConnection takes as `iceServers`; nothing where no relay is configured."""
    if not settings.TURN_URLS or not settings.TURN_SECRET:
        return []
    name, password = credentials(settings.TURN_SECRET, now + LIVES)
    return [{"urls": list(settings.TURN_URLS), "username": name, "credential": password}]


def credentials(secret: str, until: datetime) -> tuple[str, str]:
    """Name and password at the relay."""
    name = f"{int(until.timestamp())}:{WHO}"
    # SHA-1 is what the scheme says; as an HMAC it is sound.
    made = hmac.new(secret.encode(), name.encode(), hashlib.sha1).digest()
    return name, base64.b64encode(made).decode()

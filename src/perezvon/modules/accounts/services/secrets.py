"""Secrets of people at rest: keyed hashes of what is only compared, encryption for what has to be read again."""

from __future__ import annotations

import hashlib
import hmac
from functools import partial

from django.conf import settings

from perezvon.foundation import secrets

encrypt = partial(secrets.encrypt, what="accounts")
decrypt = partial(secrets.decrypt, what="accounts")


def keyed(value: str) -> str:
    """A hash that nobody can make without this installation's key."""
    return hmac.new(settings.SECRET_KEY.encode(), value.encode(), hashlib.sha256).hexdigest()

"""Passwords of foreign systems at rest: encrypted with this installation's key, read again only to be used."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


def encrypt(text: str, *, what: str) -> str:
    """what: what it is for; only the same reads it again."""
    return _box(what).encrypt(text.encode()).decode() if text else ""


def decrypt(text: str, *, what: str) -> str | None:
    """None when the installation's key is another one by now."""
    try:
        return _box(what).decrypt(text.encode()).decode() if text else ""
    except InvalidToken:
        return None


def _box(what: str) -> Fernet:
    key = hashlib.sha256(f"perezvon.{what}:{settings.SECRET_KEY}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))

"""Faces."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

from perezvon.foundation.access import Person
from perezvon.foundation.commands.services import command
from perezvon.foundation.people.models import Photo, User
from perezvon.kernel.errors import Refused

PHOTO_LIMIT_BYTES = 1_000_000
_SIGNS = {"image/jpeg": rb"\xff\xd8\xff", "image/png": rb"\x89PNG\r\n\x1a\n", "image/webp": rb"RIFF....WEBP"}


class NoPhoto(Refused):
    """It is no picture that browsers show, or too large. facts: limit_kb."""

    code = "people.no_photo"
    http_status = 422


@command("people.set_photo", needs=None)
def set_photo(*, content: bytes, by: Person, now: datetime) -> User:
    """One's own face; empty takes it away. What it is, its first bytes say, not its name. Raises NoPhoto."""
    user = User.objects.select_for_update().get(pk=by.id)
    kind = next((kind for kind, sign in _SIGNS.items() if re.match(sign, content, re.DOTALL)), None)
    if content and (kind is None or len(content) > PHOTO_LIMIT_BYTES):
        raise NoPhoto(limit_kb=PHOTO_LIMIT_BYTES // 1000)
    Photo.objects.filter(user=user).delete()
    if kind is not None:
        Photo.objects.create(user=user, kind=kind, content=content)
    user.photo = hashlib.sha256(content).hexdigest()[:16] if content else ""
    user.save(update_fields=["photo"])
    return user

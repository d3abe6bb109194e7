"""Keys: made, taken back, and asked about by every request."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from perezvon.foundation.access import Actor, Person
from perezvon.foundation.commands.services import command
from perezvon.foundation.people.models import User
from perezvon.foundation.people.services.giving import must_take_over
from perezvon.foundation.rest.models import ApiKey
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import NotFound, PerezvonError, Refused

KEYS = "rest.keys"
PREFIX = "pz_"
_SHOWN, _SECRET_BYTES, _LONGEST_NAME, _MOST = 9, 32, 100, 100_000


class KeyWrong(Refused):
    """facts: problems, {field: Wrong}."""

    code = "rest.key_wrong"
    http_status = 422


class NoSuchKey(NotFound):
    code = "rest.no_such_key"


class NotKnown(PerezvonError):
    """No key was shown, or one that is not valid: made up, taken back, over, or of somebody who works here no more."""

    code = "rest.not_known"
    http_status = 401


class TooManyRequests(PerezvonError):
    """facts: seconds until the next one is heard."""

    code = "rest.too_many"
    http_status = 429


@dataclass(frozen=True, slots=True)
class NewKey:
    """secret: the key itself, which nobody sees again."""

    key: ApiKey
    secret: str


@command("rest.make_key", needs=KEYS)
def make_key(
    *, name: str, user_id: int | None, per_minute: int, expires_at: datetime | None, by: Actor, now: datetime
) -> NewKey:
    """A key that acts in somebody's name, who may do no more than its maker. Raises KeyWrong, NotYoursToGive."""
    user = User.objects.select_related("role").filter(pk=user_id or 0, is_active=True).first()
    problems: dict[str, Wrong] = {}
    if not name.strip():
        problems["name"] = Wrong("field.required")
    if user is None:
        problems["user"] = Wrong("field.required")
    if not 1 <= per_minute <= _MOST:
        problems["per_minute"] = Wrong("number.between", least=1, most=_MOST)
    if expires_at is not None and expires_at <= now:
        problems["expires"] = Wrong("rest.over")
    if problems or user is None:
        raise KeyWrong(problems=problems)
    must_take_over(user, by)
    secret = PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    key = ApiKey.objects.create(
        name=name.strip()[:_LONGEST_NAME],
        user=user,
        start=secret[:_SHOWN],
        digest=_digest(secret),
        per_minute=per_minute,
        created_at=now,
        created_by_id=by.user_id,
        expires_at=expires_at,
    )
    return NewKey(key, secret)


@command("rest.revoke_key", needs=KEYS)
def revoke_key(*, key_id: int, by: Actor, now: datetime) -> ApiKey:
    """Nobody gets in with it from now on; it stays in the list. Raises NoSuchKey."""
    key = ApiKey.objects.select_for_update().filter(pk=key_id).first()
    if key is None:
        raise NoSuchKey(key=key_id)
    if key.revoked_at is None:
        key.revoked_at = now
        key.save(update_fields=["revoked_at"])
    return key


_COUNT = """
UPDATE rest_apikey SET last_used_at = %(now)s, minute = %(minute)s,
  used = CASE WHEN minute = %(minute)s THEN used + 1 ELSE 1 END
WHERE id = %(id)s RETURNING used
"""


def enter(secret: str, now: datetime) -> tuple[ApiKey, Person]:
    """The key, and in whose name it acts; the request is counted. Raises NotKnown, TooManyRequests.

    Not a command: it is asked for every request, and what is then done is one.
    """
    key = ApiKey.objects.select_related("user__role").filter(digest=_digest(secret), revoked_at=None).first()
    if key is None or (key.expires_at and key.expires_at <= now) or not key.user.is_active:
        raise NotKnown()
    minute = int(now.timestamp()) // 60
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"now": now, "minute": minute, "id": key.pk})
        used = cursor.fetchone()[0]
    if used > key.per_minute:
        raise TooManyRequests(seconds=60 - int(now.timestamp()) % 60)
    return key, key.user.actor()


def _digest(secret: str) -> str:
    """Without salt: what is hashed is as long as the hash and was made by chance, so there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()

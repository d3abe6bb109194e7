"""The second step of signing in: a code from an application, sent by SMS or e-mail, or of the backup sheet.

Codes are compared as keyed hashes and good once. Wrong ones count as failures of the login (`passwords`), so that
guessing locks it; five wrong ones end a sent code besides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from perezvon.foundation.access import Person
from perezvon.foundation.commands.services import command
from perezvon.foundation.people.models import User
from perezvon.foundation.people.services import lock_user
from perezvon.foundation.people.services.giving import must_take_over
from perezvon.kernel import totp
from perezvon.kernel.errors import Refused
from perezvon.kernel.phone import parse_phone
from perezvon.modules.accounts.models import Authenticator, BackupCode, SentCode, TrustedDevice
from perezvon.modules.accounts.services.secrets import decrypt, encrypt, keyed

CODE_LIVES = timedelta(minutes=5)
AGAIN_AFTER = timedelta(seconds=60)
TRIES = 5
BACKUP_CODES = 10
_DOTS = "\u2022" * 3


class WrongCode(Refused):
    """It is not the code, or not any more."""

    code = "accounts.wrong_code"
    http_status = 422


class SentJustNow(Refused):
    """facts: seconds until another code may be sent."""

    code = "accounts.sent_just_now"
    http_status = 429


class NowhereToSend(Refused):
    """He has no mobile number or e-mail address of that kind."""

    code = "accounts.nowhere_to_send"


@dataclass(frozen=True, slots=True)
class Ways:
    """How somebody can give a code. sms, email: where one would be sent, masked; empty when it cannot be."""

    app: bool
    sms: str
    email: str
    backup: int

    @property
    def any(self) -> bool:
        return self.app or bool(self.sms or self.email)


def ways_of(user: User) -> Ways:
    return Ways(
        app=Authenticator.objects.filter(user=user, confirmed_at__isnull=False).exists(),
        sms=_masked_phone(user.mobile),
        email=_masked_email(user.email),
        backup=BackupCode.objects.filter(user=user, used_at=None).count(),
    )


def is_trusted(user: User, device: str, now: datetime) -> bool:
    """Whether this browser gave a code lately, where the role trusts it for some days."""
    return bool(device) and TrustedDevice.objects.filter(user=user, key=keyed(device), until__gt=now).exists()


@command("accounts.trust_device", needs=None)
def trust_device(*, device: str, browser: str, by: Person, now: datetime) -> TrustedDevice | None:
    """Ask for no code on this browser for as long as the role says."""
    days = User.objects.select_related("role").get(pk=by.id).role.trusted_days
    if not days:
        return None
    return TrustedDevice.objects.create(
        user_id=by.id, key=keyed(device), browser=browser[:300], trusted_at=now, until=now + timedelta(days=days)
    )


@command("accounts.send_code", needs=None)
def keep_sent_code(*, channel: str, code: str, by: Person, now: datetime) -> None:
    """Remember the code that is about to be sent; the one before is good no more. Raises SentJustNow."""
    earlier = SentCode.objects.select_for_update().filter(user=by.id).first()
    if earlier and now - earlier.sent_at < AGAIN_AFTER:
        raise SentJustNow(seconds=int((earlier.sent_at + AGAIN_AFTER - now).total_seconds()) + 1)
    values = {"key": keyed(code), "channel": channel, "sent_at": now, "expires_at": now + CODE_LIVES, "tries": 0}
    SentCode.objects.update_or_create(user_id=by.id, defaults=values)


def sent_to(user: User) -> SentCode | None:
    """The code that was sent last."""
    return SentCode.objects.filter(user=user).first()


def address_for(user: User, channel: str) -> str:
    """Where a code goes. Raises NowhereToSend."""
    phone = parse_phone(user.mobile) if channel == SentCode.Channel.SMS else None
    address = phone.e164 if phone else user.email if channel == SentCode.Channel.EMAIL else ""
    if not address:
        raise NowhereToSend(channel=channel)
    return address


@command("accounts.give_code", needs=None)
def take_code(*, code: str, by: Person, now: datetime) -> bool:
    """Whether this is a code of his, from wherever; if so it is used up. A wrong one counts against the sent one."""
    plain = "".join(sign for sign in code if sign.isalnum()).lower()
    return bool(plain) and (_is_of_app(plain, by, now) or _was_sent(plain, by, now) or _is_backup(plain, by, now))


def _is_of_app(code: str, by: Person, now: datetime) -> bool:
    app = Authenticator.objects.select_for_update().filter(user=by.id, confirmed_at__isnull=False).first()
    secret = decrypt(app.secret) if app else None
    if app is None or secret is None:
        return False
    step = totp.matching_step(bytes.fromhex(secret), code, now, after=app.last_step)
    if step is None:
        return False
    app.last_step = step
    app.save(update_fields=["last_step"])
    return True


def _was_sent(code: str, by: Person, now: datetime) -> bool:
    sent = SentCode.objects.select_for_update().filter(user=by.id).first()
    if sent is None or sent.expires_at <= now or sent.tries >= TRIES:
        return False
    if sent.key != keyed(code):
        sent.tries += 1
        sent.save(update_fields=["tries"])
        return False
    sent.delete()
    return True


def _is_backup(code: str, by: Person, now: datetime) -> bool:
    return BackupCode.objects.filter(user=by.id, key=keyed(code), used_at=None).update(used_at=now) == 1


# --- setting it up ---


@command("accounts.begin_authenticator", needs=None)
def begin_authenticator(*, secret: bytes, by: Person, now: datetime) -> None:
    """Remember the secret that is shown as a QR code. It is asked for once a code of it was given."""
    if not Authenticator.objects.filter(user=by.id, confirmed_at__isnull=False).exists():
        values = {"secret": encrypt(secret.hex()), "confirmed_at": None, "last_step": 0}
        Authenticator.objects.update_or_create(user_id=by.id, defaults=values)


def secret_being_set_up(user_id: int) -> bytes | None:
    """The secret that was shown and not confirmed yet."""
    app = Authenticator.objects.filter(user=user_id, confirmed_at=None).first()
    secret = decrypt(app.secret) if app else None
    return bytes.fromhex(secret) if secret else None


@command("accounts.confirm_authenticator", needs=None)
def confirm_authenticator(*, code: str, backup_codes: Sequence[str], by: Person, now: datetime) -> None:
    """The application shows the right code, so it is asked for from now on. Raises WrongCode."""
    secret = secret_being_set_up(by.id)
    step = totp.matching_step(secret, code.replace(" ", ""), now) if secret else None
    if step is None:
        raise WrongCode
    Authenticator.objects.filter(user=by.id).update(confirmed_at=now, last_step=step)
    _set_backup_codes(by.id, backup_codes)


@command("accounts.remove_authenticator", needs=None)
def remove_authenticator(*, by: Person, now: datetime) -> None:
    """Back to codes that are sent. The backup sheet goes with it."""
    Authenticator.objects.filter(user=by.id).delete()
    BackupCode.objects.filter(user=by.id).delete()


@command("accounts.reset_second_step", needs="people.manage")
def reset_second_step(*, user_id: int, by: Person, now: datetime) -> None:
    """He lost his telephone: his application and his backup sheet are good no more. Raises NotYoursToGive."""
    must_take_over(lock_user(user_id, by), by)
    Authenticator.objects.filter(user=user_id).delete()
    BackupCode.objects.filter(user=user_id).delete()
    SentCode.objects.filter(user=user_id).delete()
    TrustedDevice.objects.filter(user=user_id).delete()


@command("accounts.renew_backup_codes", needs=None)
def renew_backup_codes(*, backup_codes: Sequence[str], by: Person, now: datetime) -> None:
    """A new sheet; the old one is good no more."""
    _set_backup_codes(by.id, backup_codes)


def _set_backup_codes(user_id: int, codes: Sequence[str]) -> None:
    BackupCode.objects.filter(user=user_id).delete()
    BackupCode.objects.bulk_create(BackupCode(user_id=user_id, key=keyed(code.replace("-", ""))) for code in codes)


def _masked_phone(text: str) -> str:
    phone = parse_phone(text) if text else None
    if phone is None:
        return ""
    return f"+{phone.digits[:1]} {_DOTS} {_DOTS}-{phone.digits[-4:-2]}-{phone.digits[-2:]}"


def _masked_email(text: str) -> str:
    name, at, host = text.partition("@")
    return f"{name[:1]}{_DOTS}@{host}" if at else ""

"""The company sign-in: an identity provider of the company says who somebody is (F26.06)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.people.models import Keeper, User
from perezvon.foundation.people.services import FieldsWrong
from perezvon.foundation.people.services.users import plain_login
from perezvon.kernel.errors import Refused, TryLater
from perezvon.modules.accounts.models import SignInProvider
from perezvon.modules.accounts.services.newcomers import Admitting, add_newcomer, put, roles_amiss
from perezvon.modules.accounts.services.secrets import decrypt
from perezvon.ports.identity import CLAIMS, IdentityProvider, Journey, Looked, ProviderSettings, is_safe_address


class ProviderAway(TryLater):
    """The company sign-in cannot be asked, or is switched off. facts: why."""

    code = "accounts.provider_away"


class NotAdmitted(Refused):
    """He proved who he is, and is not let in: blocked, unknown here, or signs in otherwise. facts: login."""

    code = "accounts.not_admitted"
    http_status = 403


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderDetails(Admitting):
    """What an administrator says of it; the secret is told beside, and only when it is another one."""

    issuer: str
    client_id: str
    ca: str = ""
    scope: str = "openid profile email"
    claims: Mapping[str, str] = field(default_factory=lambda: dict(CLAIMS))

    @property
    def way(self) -> tuple[object, ...]:
        return self.issuer, self.client_id, self.ca


def find_provider() -> SignInProvider | None:
    return SignInProvider.objects.select_related("newcomer_role").first()


def is_provider_on() -> bool:
    return SignInProvider.objects.filter(is_on=True).exists()


@command("accounts.set_provider", needs="accounts.directory")
def set_provider(
    *, details: ProviderDetails, secret: str | None, version: int, by: Actor, now: datetime
) -> SignInProvider:
    """Let people sign in there from now on. secret: what the provider gave us; None leaves the one there is.

    Raises FieldsWrong, Outdated, NotYoursToGive.
    """
    problems = roles_amiss(details.roles)
    if not is_safe_address(details.issuer):
        problems["issuer"] = "issuer.wrong"
    if not details.client_id:
        problems["client_id"] = "client_id.missing"
    if "openid" not in details.scope.split():
        problems["scope"] = "scope.wrong"
    if not details.claims.get("login"):
        problems["claim_login"] = "claim_login.missing"
    if problems:
        raise FieldsWrong(problems=problems)
    row = SignInProvider.objects.select_for_update().first() or SignInProvider(version=0)
    return put(row, details, secret, version, by)


def try_provider(*, by: Actor) -> Looked | None:
    """What it says of itself, as it is set now. Raises ProviderAway."""
    by.must("accounts.directory")
    row = find_provider()
    return _asked(row, lambda provider: provider.look()) if row else None


def place_to_sign_in(journey: Journey) -> str:
    """Where his browser is sent. Raises ProviderAway."""
    return _asked(_row_in_use(), lambda provider: provider.place_to_sign_in(journey))


def who_came(*, code: str, journey: Journey, now: datetime) -> User:
    """Whoever comes back from there, added when newcomers are let in. Raises ProviderAway, NotProven, NotAdmitted.

    People who sign in otherwise are not let in by what the provider calls somebody: their accounts are not its own.
    """
    row = _row_in_use()
    known = _asked(row, lambda provider: provider.who_came(code, journey, now))
    user = User.objects.select_related("role").filter(login__iexact=plain_login(known.login)).first()
    if user is None and row.newcomer_role is not None:
        user = add_newcomer(row, known, known.login, Keeper.PROVIDER, now)
    if user is None or not user.is_active or user.keeper != Keeper.PROVIDER:
        raise NotAdmitted(login=known.login)
    return user


def _row_in_use() -> SignInProvider:
    row = find_provider()
    if row is None or not row.is_on:
        raise ProviderAway(why="")
    return row


def _asked[T](row: SignInProvider, ask: Callable[[IdentityProvider], T]) -> T:
    reached = ProviderSettings(
        issuer=row.issuer,
        client_id=row.client_id,
        secret=decrypt(row.secret) or "" if row.secret else "",
        ca=row.ca,
        scope=row.scope,
        claims=CLAIMS | row.claims,
    )
    made: IdentityProvider = import_string(settings.IDENTITY_PROVIDER)(reached)
    try:
        return ask(made)
    except TryLater as away:
        raise ProviderAway(why=str(away.facts.get("why", ""))) from away

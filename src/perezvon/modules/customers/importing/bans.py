"""The do-not-contact register as a kind of record that can be imported: numbers and mailboxes, whoever's they are.

A line is never changed: another purpose, channel or last day is another line. Taking an import back lifts its lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.urls import reverse
from django.utils.functional import lazystr
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.imports.registry import Act, As, Done, Importable, OnNew, Policy, Row, Target, Verdict
from perezvon.foundation.imports.registry import Problem as ImportProblem
from perezvon.foundation.outbox.services import publish
from perezvon.modules.customers.events import BanLifted, ContactBanned
from perezvon.modules.customers.models import Channel, ContactBan
from perezvon.modules.customers.selectors.permission import list_purposes
from perezvon.modules.customers.selectors.review import today
from perezvon.modules.customers.services.permitting import Banned, ban_key, ban_problems
from perezvon.modules.customers.values import Problem
from perezvon.modules.customers.web.words import problem_words

PHONE, EMAIL = "phone", "email"
# What the checks of the register call a field, and the column that it came from.
_COLUMNS = {"contact_channel": "channel", "ban_source": "source", "last_day": "until", "address": PHONE}

_NO_PURPOSE = 0  # a word that names none must not forbid whatever purpose

type Line = tuple[str, str, int | None, date | None]


@dataclass(slots=True)
class _Judged:
    row: Row
    act: Act
    banned: Banned
    key: str
    problems: list[ImportProblem] = field(default_factory=list)

    @property
    def line(self) -> Line:
        return self.key, self.banned.channel, self.banned.purpose_id, self.banned.until


def targets(by: Actor) -> list[Target]:
    """One query."""
    purposes = tuple((str(one.pk), lazystr(one)) for one in list_purposes(by=by))
    return [
        Target(PHONE, lazy("Telephone"), type=As.PHONE,
               words=pgettext_lazy("headers", "telephone, phone, number")),
        Target(EMAIL, lazy("E-mail"), words=pgettext_lazy("headers", "e-mail, email, mail, mailbox")),
        Target("channel", lazy("Channel"), type=As.CHOICE, words=pgettext_lazy("headers", "channel"),
               choices=tuple(Channel.choices)),
        Target("purpose", lazy("Purpose"), type=As.CHOICE, words=pgettext_lazy("headers", "purpose"), choices=purposes),
        Target("until", pgettext_lazy("ban", "Last day"), type=As.DATE,
               words=pgettext_lazy("headers", "last day, until, term")),
        Target("source", lazy("Who wants it"), type=As.CHOICE, words=pgettext_lazy("headers", "who wants it, source"),
               choices=tuple(ContactBan.Source.choices)),
        Target("reason", lazy("Reason"), words=pgettext_lazy("headers", "reason, ground, comment")),
    ]  # fmt: skip


def look(rows: Sequence[Row], policy: Policy, by: Actor, now: datetime) -> list[Verdict]:
    """Nothing is written."""
    return [_told(one) for one in _judge(rows, policy, by, now)]


@command("customers.import_bans", needs="customers.ban")
def import_bans(*, rows: Sequence[Row], policy: Policy, by: Actor, now: datetime) -> list[Verdict]:
    """Enter the lines that are not in force yet."""
    judged = _judge(rows, policy, by, now)
    new = [
        ContactBan(
            address=one.key,
            channel=one.banned.channel,
            purpose_id=one.banned.purpose_id,
            until=one.banned.until,
            source=one.banned.source,
            reason=one.banned.reason,
            by_id=by.user_id,
            at=now,
        )
        for one in judged
        if one.act == Act.CREATE
    ]
    bans = iter(ContactBan.objects.bulk_create(new))
    verdicts = []
    for one in judged:
        ban = next(bans) if one.act == Act.CREATE else None
        if ban:
            publish(ContactBanned(ban_id=ban.pk), now=now)
        verdicts.append(_told(one, ban))
    return verdicts


@command("customers.take_back_bans", needs="customers.ban")
def take_back_bans(*, done: Sequence[Done], by: Actor, now: datetime) -> list[UUID]:
    """Lift the lines; those that were lifted since are left: their keys."""
    keys = [one.record.int for one in done]
    there = ContactBan.objects.filter(pk__in=keys, lifted_at=None).order_by("pk").select_for_update(of=("self",))
    lifted = [ban.pk for ban in there]
    reason = _("The import was taken back.")
    ContactBan.objects.filter(pk__in=lifted).update(lifted_at=now, lifted_by=by.user_id, lift_reason=reason)
    for key in lifted:
        publish(BanLifted(ban_id=key), now=now)
    return [one.record for one in done if one.record.int not in lifted]


def _judge(rows: Sequence[Row], policy: Policy, by: Actor, now: datetime) -> list[_Judged]:
    """Two queries, however many rows."""
    purposes, day = set(list_purposes(by=by).values_list("pk", flat=True)), today(now)
    judged = [_read(row, purposes, day) for row in rows]
    known = ContactBan.objects.filter(address__in={one.key for one in judged}, customer=None, lifted_at=None)
    there: set[Line] = set(known.values_list("address", "channel", "purpose_id", "until"))
    for one in judged:
        if one.problems:
            one.act = Act.REFUSE
        elif one.line in there:
            one.act = Act.SAME
        elif policy.on_new == OnNew.SKIP:
            one.act = Act.SKIP
        there.add(one.line)
    return judged


def _read(row: Row, purposes: set[int], day: date) -> _Judged:
    def given(name: str) -> str:
        return row.values.get(name, ("",))[0].strip()

    purpose, until = given("purpose"), given("until")
    banned = Banned(
        reason=given("reason") or _("Entered from a table."),
        channel=given("channel") or Channel.ANY,
        purpose_id=(int(purpose) if purpose.isdecimal() else _NO_PURPOSE) if purpose else None,
        source=given("source") or ContactBan.Source.CLIENT,
        until=date.fromisoformat(until) if until else None,
    )
    key = ban_key(banned, given(PHONE) or given(EMAIL))
    problems = list(row.problems)
    if not any(one.field in {PHONE, EMAIL} for one in problems):
        found = ban_problems(banned, key, has_person=False, purposes=purposes, day=day)
        problems += [ImportProblem(_COLUMNS.get(name, name), one.code, one.facts) for name, one in found.items()]
    return _Judged(row, Act.CREATE, banned, key, problems)


def _told(one: _Judged, ban: ContactBan | None = None) -> Verdict:
    title = f"+{one.key}" if one.key.isdigit() else one.key
    return Verdict(one.row, one.act, UUID(int=ban.pk) if ban else None, title, problems=tuple(one.problems))


def _keys(row: Row, policy: Policy) -> list[str]:
    """Lines of one address are written one after the other, so that the same is not entered twice."""
    text = (row.values.get(PHONE) or row.values.get(EMAIL) or ("",))[0]
    return [ban_key(Banned(""), text)] if text else []


IMPORTABLE = Importable(
    code="ban",
    label=lazy("Do-not-contact register"),
    right="customers.ban",
    targets=targets,
    look=look,
    write=lambda rows, policy, by, now: import_bans(rows=rows, policy=policy, by=by, now=now),
    undo=lambda done, by, now: take_back_bans(done=done, by=by, now=now),
    words=lambda problem: problem_words(Problem(problem.code, problem.facts)),
    url=lambda key: reverse("customers:ban", args=[key.int]),
    row_keys=_keys,
    has_cards=False,
)

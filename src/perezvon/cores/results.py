"""Results of contacts: which of them a contact may have, what each asks for, which day it proposes, what follows.

An administrator's tree is a list of options, each with its reasons; both carry a rule of the same make, and that of the
reason goes before that of its result. A reason is known only together with its result: "wrong number" under "could not
be reached" is another thing than under "do not disturb".
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from perezvon.cores.conditions import Fact, Value, Where, holds

REASON, CALLBACK = "reason", "callback_at"


class DialerGroup(StrEnum):
    """What a dialer shall do with the job: over for good; again; over with a meeting agreed; over with a delivery."""

    OVER = "over"
    AGAIN = "again"
    MEETING = "meeting"
    DELIVERY = "delivery"


@dataclass(frozen=True, slots=True)
class Rule:
    """when: who is offered it, in which contacts. must: what has to hold of the fields that were filled in.

    days: after how many a date is proposed; days_declined: the same where the customer says he will call himself.
    """

    when: Where = field(default_factory=Where)
    must: Where = field(default_factory=Where)
    requires: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()
    dialer: str = ""
    days: int | None = None
    days_declined: int | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    rule: Rule = field(default_factory=Rule)


@dataclass(frozen=True, slots=True)
class Option:
    """A result. prompt: when it suggests itself. records: the result and reason that it is a short way to."""

    code: str
    rule: Rule = field(default_factory=Rule)
    reasons: tuple[Reason, ...] = ()
    prompt: Where = field(default_factory=Where)
    records: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of the contact. now: in the zone by whose days is counted; me: who writes it up."""

    facts: Mapping[str, Fact]
    values: Mapping[str, Value]
    now: datetime
    me: str = ""

    def meets(self, where: Where) -> bool:
        return holds(where, self.facts, self.values, self.now, self.me)


@dataclass(frozen=True, slots=True)
class Offered:
    """A result that may be chosen, with the reasons that may; prompted: it suggests itself, and is no lock."""

    option: Option
    reasons: tuple[Reason, ...]
    prompted: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """code: "missing", "not_offered" or "must". field: where it is to be mended."""

    code: str
    field: str


def offered(options: Sequence[Option], situation: Situation) -> list[Offered]:
    """What may be chosen, in order. A result of whose reasons none may be chosen is not offered either."""
    found = []
    for option in options:
        reasons = tuple(one for one in option.reasons if situation.meets(one.rule.when))
        if situation.meets(option.rule.when) and (reasons or REASON not in option.rule.requires):
            found.append(Offered(option, reasons, bool(option.prompt) and situation.meets(option.prompt)))
    return found


def meant(options: Sequence[Option], result: str, reason: str) -> tuple[Option | None, str]:
    """What a choice stands for: a short way (X.01) leads to another result with its reason."""
    known = {option.code: option for option in options}
    option = known.get(result)
    if option is None or option.records is None:
        return option, reason
    return known.get(option.records[0]), option.records[1]


def rule_of(option: Option, reason: str) -> Rule:
    """Both rules as one: fields and consequences of either, dates and dialer of the reason where it has its own."""
    chosen = next((one.rule for one in option.reasons if one.code == reason), Rule())
    base = option.rule
    return Rule(
        when=base.when,
        must=base.must,
        requires=_together(base.requires, chosen.requires),
        follows=_together(base.follows, chosen.follows),
        dialer=chosen.dialer or base.dialer,
        days=base.days if chosen.days is None else chosen.days,
        days_declined=base.days_declined if chosen.days_declined is None else chosen.days_declined,
    )


def _together(first: Collection[str], second: Collection[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def required(rule: Rule, *, declined: bool = False) -> tuple[str, ...]:
    """Fields to be filled in. Who will call himself is asked for in words too (F08.09)."""
    says_why = declined and rule.days_declined is not None
    return _together(rule.requires, ("comment",) if says_why else ())


def problems(
    options: Sequence[Option],
    chosen: tuple[str, str],
    filled: Collection[str],
    situation: Situation,
    *,
    declined: bool = False,
) -> list[Problem]:
    """Why a contact cannot have this result and reason yet; empty when it can. filled: names of the fields that are."""
    known = next((one for one in offered(options, situation) if one.option.code == chosen[0]), None)
    if known is None:
        is_there = any(option.code == chosen[0] for option in options)
        return [Problem("not_offered" if is_there else "missing", "result")]
    option, reason = known.option, chosen[1]
    if reason and reason not in {one.code for one in known.reasons}:
        return [Problem("not_offered", REASON)]
    asked = required(rule_of(option, reason), declined=declined)
    found = [Problem("missing", name) for name in asked if name not in filled]
    own = next((one.rule.must for one in known.reasons if one.code == reason), Where())
    return found or [Problem("must", name) for name in _broken((option.rule.must, own), situation)]


def _broken(musts: Sequence[Where], situation: Situation) -> list[str]:
    """Facts of the conditions that do not hold, each once."""
    failing = [where for where in musts if where and not situation.meets(where)]
    return list(dict.fromkeys(condition.fact for where in failing for condition in where))


def proposed_day(rule: Rule, today: date, *, declined: bool = False) -> date | None:
    """The day of what comes next where the customer named none; None where the rule proposes nothing."""
    days = rule.days_declined if declined and rule.days_declined is not None else rule.days
    return None if days is None else today + timedelta(days=days)


def dialer_group(rule: Rule, callback: date | None, today: date) -> DialerGroup | None:
    """What a dialer shall do (F08.37). A call back on the same day is its own (F08.38); a later one lives here."""
    if CALLBACK in rule.requires and callback is not None and callback <= today:
        return DialerGroup.AGAIN
    return DialerGroup(rule.dialer) if rule.dialer else None

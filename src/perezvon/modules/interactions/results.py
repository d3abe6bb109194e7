"""What the rules of results can ask about, and what is known of a contact when they do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as lazy

from perezvon.cores.conditions import Type, Value, Where, read
from perezvon.cores.conditions.facts import day, number
from perezvon.cores.results import Option, Reason, Rule, Situation
from perezvon.foundation.access import Actor, Person
from perezvon.foundation.conditions.terms import Term, Terms
from perezvon.foundation.people.selectors import list_groups, list_projects
from perezvon.kernel.checks import Wrong
from perezvon.kernel.texts import text_in
from perezvon.modules.catalogue.models import Product, Settlement
from perezvon.modules.customers.selectors.sources import list_sources
from perezvon.modules.interactions.dimensions import dimensions_of
from perezvon.modules.interactions.models import Channel, Interaction, Offer, Result

CAMPAIGN = "campaign"  # the dimension of a project whose values are its campaigns
LAST = "last."
_LOOKS_BACK = timedelta(days=180)
_DIRECTIONS = (("inbound", lazy("Incoming")), ("outbound", lazy("Outgoing")))
TALKED = (
    ("client", pgettext_lazy("talked", "with the customer")),
    ("third", pgettext_lazy("talked", "with a third person")),
    ("nobody", pgettext_lazy("talked", "with nobody")),
)


def _groups(_by: Actor) -> list[tuple[Any, str]]:
    return [(one.code, str(one)) for one in list_groups()]


def _campaigns(by: Actor) -> list[tuple[Any, str]]:
    found: dict[str, str] = {}
    for project in list_projects(by=by):
        found |= campaigns_of(project)
    return list(found.items())


def campaigns_of(project: Any) -> dict[str, str]:
    """Campaigns of a project by their codes; empty when it counts by none. No query."""
    known = next((one for one in dimensions_of(project) if one.code == CAMPAIGN), None)
    return known.values if known else {}


def _sources(by: Actor) -> list[tuple[Any, str]]:
    return [(one, one) for one in list_sources(by=by)]


def _settlements(_by: Actor) -> list[tuple[Any, str]]:
    return [(one.code, str(one)) for one in Settlement.objects.filter(is_active=True)]


def _products(_by: Actor) -> list[tuple[Any, str]]:
    return [(one.code, str(one)) for one in Product.objects.filter(is_active=True)]


_TERMS = (
    Term("group", lazy("Operator's group"), Type.MANY, _groups),
    Term("campaign", lazy("Campaign"), Type.CHOICE, _campaigns),
    Term("channel", lazy("Channel"), Type.CHOICE, Channel.choices),
    Term("direction", lazy("Direction"), Type.CHOICE, _DIRECTIONS),
    Term("source", lazy("Source of the card"), Type.CHOICE, _sources),
    Term("talked", lazy("The talk was"), Type.CHOICE, TALKED),
    Term("negative", lazy("The customer is negative"), Type.FLAG),
    Term("dialer", lazy("Through the dialer"), Type.FLAG),
    Term("settlement", lazy("Settlement"), Type.CHOICE, _settlements),
    Term("offered", lazy("Offered products"), Type.MANY, _products),
    Term("objections", lazy("Objections worked through"), Type.NUMBER),
    Term("absent_days", lazy("Days of absence"), Type.NUMBER),
    Term("applied_on", lazy("Day of the application"), Type.DAY),
)


def vocabulary() -> Terms:
    """All that a rule can ask about, with the last time of each result. One query."""
    last: dict[str, str] = {}
    for row in Result.objects.order_by("position", "id"):
        last.setdefault(f"{LAST}{row.code}", str(row))
    told = [Term(code, lazy("Last time: ") + name, Type.MOMENT) for code, name in last.items()]
    return {one.code: one for one in (*_TERMS, *told)}


# --- rules as they are kept ---


def option_of(row: Result) -> Option:
    """A result as the core judges it."""
    rules = row.rules
    records = rules.get("records") or {}
    return Option(
        row.code,
        _rule(rules, row.requires),
        tuple(
            Reason(one["code"], _rule(one, one.get("requires", ()))) for one in row.reasons if one.get("in_use", True)
        ),
        _where(rules.get("prompt")),
        (records["result"], records["reason"]) if records else None,
    )


def _rule(kept: Mapping[str, Any], requires: Iterable[str]) -> Rule:
    return Rule(
        when=_where(kept.get("when")),
        must=_where(kept.get("must")),
        requires=tuple(requires),
        follows=tuple(kept.get("follows", ())),
        dialer=kept.get("dialer", ""),
        days=kept.get("days"),
        days_declined=kept.get("days_declined"),
    )


def _where(kept: Any) -> Where:
    return read(kept) if kept else Where()


def words_of(kept: Mapping[str, Any], name: str) -> str:
    """A text of a result or a reason in the reader's language; "" without."""
    return text_in(kept.get(name) or {}, get_language() or "ru")


def reason_name(row: Result, code: str) -> str:
    """In the reader's language; one that is gone shows its code."""
    known = next((one for one in row.reasons if one["code"] == code), None)
    return words_of(known, "name") if known else code


# --- what is known of a contact ---


@dataclass(frozen=True, slots=True)
class Tree:
    """The results that people may choose in a project."""

    rows: Sequence[Result]
    options: Sequence[Option]

    def row(self, code: str) -> Result | None:
        return next((one for one in self.rows if one.code == code), None)


def tree_of(project_id: int) -> Tree:
    """In order. One query."""
    rows = list(Result.objects.filter(project=project_id, is_active=True, system=False))
    return Tree(rows, [option_of(row) for row in rows])


def talked_in(contact: Interaction) -> str:
    """With whom, as far as the telephone tells: an answered call is one with the customer until somebody says else."""
    if contact.answered_at is None:
        return "nobody"
    return "third" if contact.speaker else "client"


def situation_of(
    contact: Interaction, fields: Mapping[str, str], tree: Tree, *, by: Person, now: datetime
) -> Situation:
    """fields: of the write-up so far; what they leave open is taken from the contact. Two queries at most."""
    values: dict[str, Value] = {
        "group": frozenset(by.groups),
        "campaign": fields.get("campaign") or contact.dimensions.get(CAMPAIGN, ""),
        "channel": contact.channel,
        "direction": contact.direction,
        "source": contact.customer.source if contact.customer else "",
        "talked": fields.get("talked") or talked_in(contact),
        "negative": bool(fields.get("negative")),
        "dialer": False,
        "settlement": fields.get("settlement", ""),
        "offered": frozenset((*_offered_in(contact), *([fields["offers"]] if fields.get("offers") else []))),
        "objections": _read(number, fields.get("objections", "")),
        "absent_days": _read(number, fields.get("absent_days", "")),
        "applied_on": _read(day, fields.get("applied_on", "")),
        **_last_results(contact, tree, now),
    }
    terms = {one.code: one.fact for one in _TERMS}
    last = {code: Term(code, code, Type.MOMENT).fact for code in values if code.startswith(LAST)}
    return Situation({**terms, **last}, values, timezone.localtime(now), str(by.id))


def _offered_in(contact: Interaction) -> list[str]:
    return list(Offer.objects.filter(interaction=contact.pk).values_list("product__code", flat=True))


def _read(reader: Any, text: str) -> Value:
    try:
        return reader(text) if text else None
    except Wrong:
        return None


def _last_results(contact: Interaction, tree: Tree, now: datetime) -> dict[str, Value]:
    """When the customer's contacts last had each result; nothing is looked up where no rule asks."""
    asked = [code for code in _facts_of(tree.options) if code.startswith(LAST)]
    if not asked or contact.customer_id is None:
        return dict.fromkeys(asked)
    codes = [code.removeprefix(LAST) for code in asked]
    before = Interaction.objects.filter(
        customer=contact.customer_id, began_at__gte=now - _LOOKS_BACK, result__code__in=codes
    ).exclude(pk=contact.pk)
    rows = before.order_by().values_list("result__code").annotate(last=Max("began_at"))
    found = {f"{LAST}{code}": last for code, last in rows}
    return {code: found.get(code) for code in asked}


def _facts_of(options: Iterable[Option]) -> set[str]:
    rules = [rule for one in options for rule in (one.rule, *(reason.rule for reason in one.reasons))]
    wheres = [*(rule.when for rule in rules), *(rule.must for rule in rules), *(one.prompt for one in options)]
    return {condition.fact for where in wheres for condition in where}


def asks_about(tree: Tree, fact: str) -> bool:
    """Whether any rule of the tree needs to know it."""
    return fact in _facts_of(tree.options)

"""The form in which a result is chosen: what is offered, what it asks for as it stands, what will follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from perezvon.cores import results as core
from perezvon.cores.conditions.reading import is_text
from perezvon.foundation.access import Person
from perezvon.modules.catalogue.selectors import offered as offered_products
from perezvon.modules.catalogue.selectors import serving
from perezvon.modules.interactions.models import Interaction, Offer, Result
from perezvon.modules.interactions.result_fields import (
    DIALER,
    FIELDS,
    FOLLOWS,
    PLACES,
    cleaned,
    needed,
    shown_fields,
    zone_of,
)
from perezvon.modules.interactions.results import (
    CAMPAIGN,
    TALKED,
    Tree,
    asks_about,
    campaigns_of,
    situation_of,
    talked_in,
    tree_of,
    words_of,
)

type Given = Mapping[str, str]
_CALLBACK_TIME = "11:00"
_PLAIN = ("region", "settlement", "office", "product_kind", "product", "place", "address", "applied_on")
_MORE = ("absent_days", "objections", "declines", "talked", "negative", "campaign", "offers")


def read_result(given: Given) -> dict[str, str]:
    """Fields of the chosen result as the form posts them; a date and a time become one moment."""
    named = {name: given.get(name, "").strip() for name in (*_PLAIN, *_MORE, "comment", "callback_to")}
    fields = {name: text for name, text in named.items() if is_text(text)}
    fields["reason"] = given.get(f"reason-{given.get('result', '')}", "")
    fields["callback_at"] = _moment(given, "callback", None)
    fields["visit_at"] = _moment(given, "visit", zone_of(fields))
    return {name: value for name, value in fields.items() if value}


def _moment(given: Given, prefix: str, zone: ZoneInfo | None) -> str:
    try:
        typed = datetime.fromisoformat(f"{given.get(f'{prefix}_date', '')}T{given.get(f'{prefix}_time', '')}")
    except ValueError:
        return ""
    return timezone.make_aware(typed.replace(tzinfo=None), zone).isoformat()


@dataclass(frozen=True, slots=True)
class ResultForm:
    """groups: [{title, results}]; fields: as interactions/_result_fields.html draws them.

    callback: the day that is proposed or was typed, None where no call is promised. waits_for: fields without which the
    result cannot be confirmed yet.
    """

    top: Mapping[str, Any]
    groups: Sequence[Mapping[str, Any]]
    fields: Sequence[Mapping[str, Any]]
    callback: Mapping[str, Any] | None
    follows: Sequence[str]
    waits_for: Sequence[str]
    comment_required: bool


def result_form(contact: Interaction, given: Given, *, by: Person, now: datetime) -> ResultForm:
    """As it stands with what is given. About five queries, and one for each list that has to be chosen from."""
    tree = tree_of(contact.project_id)
    fields = read_result(given)
    situation = situation_of(contact, fields, tree, by=by, now=now)
    found = core.offered(tree.options, situation)
    result = given.get("result", "")
    chosen, reason = core.meant([one.option for one in found], result, fields.get("reason", ""))
    rule = core.rule_of(chosen, reason) if chosen else core.Rule()
    declined = bool(fields.get("declines"))
    required = core.required(
        core.Rule(requires=needed(rule.requires), days_declined=rule.days_declined), declined=declined
    )
    kept = cleaned(contact, fields, rule.requires, now)
    filled = {*kept, *(["offers"] if situation.values["offered"] else [])}
    callback = _callback(rule, given, declined, now)
    drawing = _Drawing(contact, given, kept, required, now)
    return ResultForm(
        top=_top(contact, tree, fields),
        groups=_groups(tree, found, result, given),
        fields=[drawing.of(code) for code in shown_fields(rule.requires) if code in _DRAWN],
        callback=callback,
        follows=_follows(rule, kept | ({"callback_at": _moment(callback, "callback", None)} if callback else {}), now),
        waits_for=_waits_for(tree.row(chosen.code) if chosen else None, filled),
        comment_required="comment" in required,
    )


def _waits_for(row: Result | None, filled: set[str]) -> list[str]:
    wakes = row.rules.get("wakes", ()) if row else ()
    return [str(FIELDS[name].asked) for name in wakes if name in FIELDS and name not in filled]


def _top(contact: Interaction, tree: Tree, fields: Given) -> dict[str, Any]:
    """What is said before the result, because the results that are offered depend on it."""
    campaign = fields.get("campaign") or contact.dimensions.get(CAMPAIGN, "")
    talked = fields.get("talked") or talked_in(contact)
    return {
        "campaigns": [(code, name, code == campaign) for code, name in campaigns_of(contact.project).items()],
        "talked": [(code, label, code == talked) for code, label in TALKED] if asks_about(tree, "talked") else [],
        "asks_negative": asks_about(tree, "negative"),
        "negative": bool(fields.get("negative")),
    }


def _groups(tree: Tree, found: Sequence[core.Offered], result: str, given: Given) -> list[dict[str, Any]]:
    """Results under their headings, in order; neighbours under the same heading stand together."""
    groups: list[dict[str, Any]] = []
    for digit, one in enumerate(found, 1):
        row = tree.row(one.option.code)
        if row is None:
            continue
        under = words_of(row.rules, "under")
        if not groups or groups[-1]["title"] != under:
            groups.append({"title": under, "results": []})
        groups[-1]["results"].append(_drawn_result(row, one, digit, result, given))
    return groups


def _drawn_result(row: Result, offered: core.Offered, digit: int, result: str, given: Given) -> dict[str, Any]:
    open_codes = {one.code for one in offered.reasons}
    chosen = given.get(f"reason-{row.code}") or (given.get("reason", "") if row.code == result else "")
    reasons = [
        {
            "value": one["code"],
            "label": words_of(one, "name"),
            "hint": words_of(one, "hint"),
            "selected": one["code"] == chosen,
        }
        for one in row.reasons
        if one["code"] in open_codes
    ]
    return {
        "id": row.code,
        "name": str(row),
        "hint": words_of(row.rules, "hint"),
        "digit": str(digit) if digit <= 9 else "",
        "selected": row.code == result,
        "prompted": offered.prompted,
        "reasons": reasons,
    }


def _callback(rule: core.Rule, given: Given, declined: bool, now: datetime) -> dict[str, Any] | None:
    """What was typed stays; a day that was only proposed makes room for the one that is proposed now."""
    if core.CALLBACK not in rule.requires:
        return None
    today = timezone.localtime(now).date()
    day = core.proposed_day(rule, today, declined=declined) or today + timedelta(days=1)
    proposed = day.isoformat()
    typed = given.get("callback_date", "")
    is_own = bool(typed) and typed != given.get("callback_proposed", "")
    return {
        "callback_date": typed if is_own else proposed,
        "callback_time": given.get("callback_time") or _CALLBACK_TIME,
        "callback_proposed": proposed,
        "asks_declines": rule.days_declined is not None,
        "declines": declined,
    }


def _follows(rule: core.Rule, kept: Given, now: datetime) -> list[str]:
    lines = [str(FOLLOWS[code]) for code in rule.follows if code in FOLLOWS]
    if at := kept.get("callback_at"):
        when = date_format(timezone.localtime(datetime.fromisoformat(at)), "SHORT_DATETIME_FORMAT")
        lines.append(_("A call is planned for {when}").format(when=when))
    if at := kept.get("visit_at"):
        when = date_format(datetime.fromisoformat(at), "SHORT_DATETIME_FORMAT")
        lines.append(_("A meeting is planned for {when}").format(when=when))
    callback = (
        timezone.localtime(datetime.fromisoformat(kept["callback_at"])).date() if kept.get("callback_at") else None
    )
    group = core.dialer_group(rule, callback, timezone.localtime(now).date())
    return [*lines, *([_("Dialer: {group}").format(group=DIALER[group.value])] if group else [])]


# --- fields ---


@dataclass(frozen=True, slots=True)
class _Drawing:
    contact: Interaction
    given: Given
    kept: Given
    required: Sequence[str]
    now: datetime

    def of(self, code: str) -> dict[str, Any]:
        """A field with what can be chosen. redraws: another choice changes what stands beside it."""
        drawn: dict[str, Any] = {
            "name": code,
            "label": FIELDS[code].label,
            "value": self.kept.get(code, ""),
            "required": code in self.required,
            "kind": _DRAWN[code],
            "redraws": code in {"region", "settlement", "office", "product_kind", "offers"},
        }
        if _DRAWN[code] == "moment":
            drawn |= {"date": self.given.get("visit_date", ""), "time": self.given.get("visit_time", "")}
        elif _DRAWN[code] == "choice":
            drawn["choices"] = [(value, label, value == drawn["value"]) for value, label in self._choices(code)]
        elif code == "offers":
            drawn |= self._offers()
        else:
            drawn["value"] = self.given.get(code, "")
        return drawn

    def _choices(self, code: str) -> list[tuple[str, str]]:
        offices = serving(self.contact.project_id)
        match code:
            case "region":
                return list(dict.fromkeys((one.settlement.region.code, str(one.settlement.region)) for one in offices))
            case "settlement":
                within = offices.filter(settlement__region__code=self.kept.get("region", ""))
                return list(dict.fromkeys((one.settlement.code, str(one.settlement)) for one in within))
            case "office":
                within = offices.filter(settlement__code=self.kept.get("settlement", ""))
                return [(one.code, f"{one}, {one.address_text}") for one in within]
            case "place":
                return [(value, str(label)) for value, label in PLACES]
            case "product_kind":
                return [(one.kind.code, str(one.kind)) for one in self._products()]
        of_kind = [one.products for one in self._products() if one.kind.code == self.kept.get("product_kind")]
        return [(one.code, str(one)) for products in of_kind for one in products]

    def _products(self) -> Any:
        on: date = timezone.localtime(self.now).date()
        return offered_products(self.contact.project_id, on=on)

    def _offers(self) -> dict[str, Any]:
        offers = Offer.objects.filter(interaction=self.contact.pk).select_related("product")
        chosen = self.given.get("offers", "")
        return {
            "offered": [str(one.product) for one in offers],
            "kinds": [
                (str(one.kind), [(product.code, str(product), product.code == chosen) for product in one.products])
                for one in self._products()
                if one.products
            ],
        }


_DRAWN = {
    "visit_at": "moment",
    "region": "choice",
    "settlement": "choice",
    "office": "choice",
    "offers": "offers",
    "product_kind": "choice",
    "product": "choice",
    "place": "choice",
    "address": "text",
    "applied_on": "date",
    "absent_days": "number",
    "objections": "number",
}

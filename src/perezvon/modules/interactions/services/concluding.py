"""What came of a contact, as the rules of its results allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.timezone import localtime

from perezvon.cores import results as core
from perezvon.cores.conditions.reading import is_text
from perezvon.foundation.access import Person
from perezvon.foundation.commands.services import command
from perezvon.foundation.outbox.services import publish
from perezvon.kernel.errors import Refused
from perezvon.modules.catalogue.models import Product
from perezvon.modules.interactions.events import ResultSaved
from perezvon.modules.interactions.models import Interaction, Offer, Result, State
from perezvon.modules.interactions.result_fields import cleaned, needed
from perezvon.modules.interactions.results import CAMPAIGN, campaigns_of, situation_of, tree_of, words_of
from perezvon.modules.interactions.services.offering import offer_product
from perezvon.modules.interactions.services.recording import changed
from perezvon.modules.interactions.services.writing import (
    AlreadyWritten,
    FieldsMissing,
    lock_interaction,
)


class ResultRefused(Refused):
    """This contact cannot have this result or this reason. facts: field, words."""

    code = "interactions.result_refused"
    http_status = 422


@command("interactions.save_result", needs="interactions.write")
def save_result(
    *,
    interaction_id: UUID,
    result: str,
    fields: dict[str, str],
    by: Person,
    now: datetime,
) -> Interaction:
    """Write what came of it. A short way writes the result and reason that it stands for.

    fields: as `result_fields` reads them; "offers", the code of a product, offers that too; "campaign" is kept with the
    contact. Raises FieldsMissing, naming them, ResultRefused, AlreadyWritten.
    """
    interaction = lock_interaction(interaction_id, by)
    if interaction.state == State.DONE and interaction.result_id:
        raise AlreadyWritten(interaction=interaction_id)
    fields = {name: text for name, text in fields.items() if is_text(text)}
    chosen, kept = _chosen(interaction, result, fields, by, now)
    _keep_besides(interaction, kept, by, now)
    interaction.result, interaction.result_fields = chosen, kept
    interaction.save(update_fields=["result", "result_fields", "dimensions"])
    publish(ResultSaved(interaction_id=interaction.pk, result=chosen.code), now=now)
    changed(interaction.pk, now)
    return interaction


def check_result(contact: Interaction, result: str, reason: str, *, by: Person, now: datetime) -> tuple[str, str]:
    """The result and reason that the choice stands for, if this person may give it to this contact; what it asks for
    may still be empty. Raises ResultRefused, AlreadyWritten. Four queries at most."""
    if contact.state == State.DONE and contact.result_id:
        raise AlreadyWritten(interaction=contact.pk)
    tree = tree_of(contact.project_id)
    option, own = core.meant(tree.options, result, reason)
    code = option.code if option else result
    situation = situation_of(contact, {}, tree, by=by, now=now)
    found = core.problems(tree.options, (code, own), (), situation)
    refused = next((one for one in found if one.code == "not_offered" or one.field == "result"), None)
    if refused:
        raise ResultRefused(field=refused.field, words="")
    return code, own


def _chosen(
    contact: Interaction, result: str, fields: dict[str, str], by: Person, now: datetime
) -> tuple[Result, dict[str, str]]:
    """The result and what is kept with it, when its rules allow it."""
    tree = tree_of(contact.project_id)
    option, reason = core.meant(tree.options, result, fields.get("reason", ""))
    row = tree.row(option.code) if option else None
    has_topic = bool(contact.topic_text) or contact.topics.exists()
    if option is None or row is None:
        raise FieldsMissing(fields=["result", *(() if has_topic else ("topic",))])
    rule = core.rule_of(option, reason)
    kept = cleaned(contact, fields | {"reason": reason}, rule.requires, now)
    situation = situation_of(contact, kept, tree, by=by, now=now)
    wanted = replace(option, rule=replace(option.rule, requires=needed(rule.requires)))
    options = [wanted if one.code == option.code else one for one in tree.options]
    filled = {*kept, *(["offers"] if situation.values["offered"] else [])}
    found = core.problems(options, (option.code, reason), filled, situation, declined=bool(kept.get("declines")))
    missing = [one.field for one in found if one.code == "missing"]
    if not has_topic and row.needs_topic:
        missing.append("topic")
    if missing:
        raise FieldsMissing(fields=missing)
    if found:
        raise ResultRefused(field=found[0].field, words=_refusal(row, reason, found[0]))
    return row, kept | _for_dialer(rule, kept, now)


def _refusal(row: Result, reason: str, problem: core.Problem) -> str:
    """In an administrator's own words, where he wrote some for a condition on what was filled in."""
    own: Mapping[str, Any] = next((one for one in row.reasons if one["code"] == reason), {})
    return (words_of(own, "must_words") or words_of(row.rules, "must_words")) if problem.code == "must" else ""


def _for_dialer(rule: core.Rule, kept: Mapping[str, str], now: datetime) -> dict[str, str]:
    at = datetime.fromisoformat(kept["callback_at"]) if "callback_at" in kept else None
    group = core.dialer_group(rule, localtime(at).date() if at else None, localtime(now).date())
    return {"dialer": group.value} if group else {}


def _keep_besides(contact: Interaction, kept: Mapping[str, str], by: Person, now: datetime) -> None:
    """The campaign and the product that the form named."""
    if kept.get("campaign") in campaigns_of(contact.project):
        contact.dimensions[CAMPAIGN] = kept["campaign"]
    product = Product.objects.filter(code=kept["offers"]).first() if "offers" in kept else None
    if product is not None:
        offer_product(interaction_id=contact.pk, product_id=product.pk, answer=Offer.Answer.AGREED, by=by, now=now)

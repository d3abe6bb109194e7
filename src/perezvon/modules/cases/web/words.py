"""Words of the pages of cases: fields, what steps ask for, what happened, what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from perezvon.foundation.fields.field import PREFIX, Field
from perezvon.foundation.fields.words import problem_words as fields_words
from perezvon.foundation.messages.words import problem_words as message_problem
from perezvon.foundation.web.words import say
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import PerezvonError
from perezvon.modules.cases import flow
from perezvon.modules.cases.models import Act

type Text = str | Promise

FIELDS: dict[str, Text] = {
    "subject": pgettext_lazy("case", "Subject"),
    "text": lazy("What it is about"),
    "category": lazy("Category"),
    "topic": lazy("Topic"),
    "product": lazy("Product"),
    "priority": lazy("Priority"),
    "promised": lazy("Promised to the customer by"),
    "incident": lazy("Mass incident"),
    "banner": lazy("What operators read"),
    "banner_until": lazy("Shown until"),
    "kind": lazy("Kind"),
    "project": lazy("Project"),
}
WANTED: dict[str, Text] = {
    flow.PERSON: lazy("somebody responsible"),
    flow.CATEGORY: lazy("the category"),
    flow.TOPIC: lazy("the topic"),
    flow.PRODUCT: lazy("the product"),
    flow.CUSTOMER: lazy("the customer"),
    flow.DUE: lazy("a date promised to the customer"),
    flow.ANSWER: lazy("an answer to the customer"),
    flow.COMMENT: lazy("a comment on the step"),
    flow.CHECKLIST: lazy("every point of the checklist"),
    flow.APPROVAL: lazy("an approval"),
    flow.CHILDREN: lazy("the end of the cases that are parts of it"),
}
ICONS: dict[str, str] = {
    Act.REGISTERED: "clipboard-text",
    Act.MOVED: "arrow-forward-up",
    Act.HANDED: "user",
    Act.COMMENT: "message-circle",
    Act.CONTACT: "phone",
    Act.LETTER: "mail",
    Act.CHANGED: "pencil",
    Act.LINKED: "link",
    Act.APPROVAL: "shield-question",
    Act.MARK: "circle-check",
    Act.TERM: "clock",
}
HOW: dict[str, Text] = {
    "linked": lazy("Linked with case {number}"),
    "unlinked": lazy("No longer linked with case {number}"),
    "part": lazy("Part and whole with case {number}"),
    "merged": lazy("Case {number} was merged into this one"),
}


def field_name(name: str, own: Mapping[str, Field] | None = None) -> str:
    known = (own or {}).get(name)
    return known.label if known else str(FIELDS.get(name, name.removeprefix(PREFIX)))


def wanted_words(codes: Any, own: Mapping[str, Field] | None = None) -> str:
    """What is missing, in one line."""
    return ", ".join(str(WANTED[code]) if code in WANTED else f"“{field_name(code, own)}”" for code in codes)


def problem_words(wrong: Wrong) -> str:
    if wrong.code == "cases.step_twice":
        return _("There is a step between these two states already.")
    if wrong.code == "cases.over_already":
        return _("This moment is over already.")
    if wrong.code == "cases.hours":
        return _("Write working time as hours and minutes, as 4:30.")
    if wrong.code.startswith("place."):
        return message_problem(wrong)
    if wrong.code == "condition.choice":
        return _("A condition asks for what is not there any more.")
    if wrong.code == "cases.action_not_yours":
        return _("You may not send messages, so no rule can do it for you.")
    if wrong.code == "cases.step_to_itself":
        return _("A step leads to another state.")
    return fields_words(wrong.code, wrong.facts)


# --- refusals ---


@say("cases.fields_wrong")
def _wrong(error: PerezvonError) -> str:
    problems: Mapping[str, Wrong] = error.facts["problems"]  # type: ignore[assignment]
    return " ".join(f"{field_name(name)}: {problem_words(wrong)}" for name, wrong in problems.items())


@say("cases.step_needs")
def _needs(error: PerezvonError) -> str:
    return _("Before this step there must be: {what}.").format(what=wanted_words(error.facts["missing"]))


@say("cases.step_closed")
def _closed(_error: PerezvonError) -> str:
    return _("This step is not possible from where the case is now. Somebody may have moved it meanwhile.")


@say("cases.is_over")
def _over(_error: PerezvonError) -> str:
    return _("This is not possible in the state that the case is in.")


@say("cases.outdated")
def _outdated(_error: PerezvonError) -> str:
    return _("Somebody else changed this case meanwhile. Nothing is saved yet.")


@say("cases.no_such_case")
def _no_case(_error: PerezvonError) -> str:
    return _("There is no such case, or it is not open to you.")


@say("cases.no_such_kind")
def _no_kind(_error: PerezvonError) -> str:
    return _("This kind of cases is not in use here.")


@say("cases.not_identified")
def _not_identified(error: PerezvonError) -> str:
    return _("“{kind}” is registered once the customer is identified in the contact with him.").format(
        kind=error.facts["kind"]
    )


@say("cases.cannot_begin")
def _cannot_begin(error: PerezvonError) -> str:
    return _("“{kind}” has no state in which a case could begin. The administrator sets that up.").format(
        kind=error.facts["kind"]
    )


@say("cases.nobody_such")
def _nobody(_error: PerezvonError) -> str:
    return _("This colleague does not work on cases of the project.")


@say("cases.no_address")
def _no_address(_error: PerezvonError) -> str:
    return _("The customer's card has no address to write to. Add one, or answer in another way.")


@say("cases.no_incident")
def _no_incident(_error: PerezvonError) -> str:
    return _("This is no mass incident, or it is over.")


@say("cases.kind_changed")
def _kind_changed(_error: PerezvonError) -> str:
    return _("Somebody else has changed it meanwhile. Open it again; nothing of yours was saved.")


@say("cases.cannot_link")
def _cannot_link(error: PerezvonError) -> str:
    return {
        "same": _("A case cannot be linked with itself."),
        "circle": _("A case cannot be a part of one of its own parts."),
        "merged": _("One of the cases was merged into another one."),
        "customers": _("Cases of different customers are not merged; link them instead."),
    }[str(error.facts["why"])]


@say("cases.customer_unclear")
def _customer_unclear(error: PerezvonError) -> str:
    if not error.facts["how_many"]:
        return _("No customer is known by this number or mailbox.")
    return _("Several customers are known by this number or mailbox: name the customer's id.")


@say("cases.nobody_called")
def _nobody_called(_error: PerezvonError) -> str:
    return _("The colleague or team that the rule names works here no more.")


@say("cases.nobody_to_write")
def _nobody_to_write(_error: PerezvonError) -> str:
    return _("Nobody has the case, or whoever has it has no e-mail.")


@say("cases.not_asked")
def _not_asked(_error: PerezvonError) -> str:
    return _("This link asks about nothing. Please check that it is complete.")


@say("cases.asked_too_late")
def _asked_too_late(_error: PerezvonError) -> str:
    return _("This question is closed. Call us or write to us: we will gladly hear you.")


_NOTICES: Mapping[str, Text] = {
    "mentioned": lazy("{who} named you in case {case}"),
    Act.COMMENT: lazy("{who} wrote in case {case}"),
    Act.LETTER: lazy("The customer was written to in case {case}"),
    Act.CONTACT: lazy("The customer was in touch about case {case}"),
    Act.MOVED: lazy("Case {case} is in another state"),
    Act.HANDED: lazy("Case {case} was handed over"),
    Act.APPROVAL: lazy("An approval in case {case}"),
    Act.TERM: lazy("The term of case {case}"),
}


def notice_words(facts: Mapping[str, Any]) -> str:
    """What whoever follows a case is told."""
    who = facts.get("who") or _("Somebody")
    return str(_NOTICES.get(facts["what"], lazy("Case {case}"))).format(who=who, case=facts["case"])

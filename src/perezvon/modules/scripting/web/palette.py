"""What the designer offers: kinds of steps and answers, facts, actions, other scenarios, and all its words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from perezvon.cores.conditions import OPERATORS, Type
from perezvon.cores.conditions.facts import OPERATORS_OF
from perezvon.cores.scripting.model import TYPE_OF, Ask, Kind
from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.conditions.terms import LABELS, Asking, Picks, Term
from perezvon.modules.scripting.actions import actions
from perezvon.modules.scripting.facts import own_terms
from perezvon.modules.scripting.knowledge import terms
from perezvon.modules.scripting.models import Scenario
from perezvon.modules.scripting.selectors import visible_scenarios

ICONS: Mapping[Kind, str] = {
    Kind.PHRASE: "message",
    Kind.FORM: "forms",
    Kind.QUESTION: "help-circle",
    Kind.CHOICE: "list-details",
    Kind.ACTION: "player-play",
    Kind.DECISION: "filter",
    Kind.SUB: "versions",
    Kind.RETURN: "arrow-back-up",
    Kind.END: "check",
}


def palette(scenario: Scenario, by: Person) -> dict[str, Any]:
    """Everything that does not depend on the drawing."""
    asking = Asking(by, clock.now())
    known = {
        **terms(),
        **own_terms(by),
        **{code: term for one in actions().values() for code, term in one.facts.items()},
    }
    return {
        "kinds": [{"code": kind, "label": label, "icon": ICONS[kind]} for kind, label in kinds().items()],
        "asks": [{"code": ask, "label": label, "type": TYPE_OF[ask]} for ask, label in asks().items()],
        "terms": [_term(one, asking) for one in known.values()],
        "operators": {
            type_: [
                {"code": code, "label": str(LABELS[code]), "values": OPERATORS[code].values, "of": OPERATORS[code].of}
                for code in OPERATORS_OF[type_]
            ]
            for type_ in Type
        },
        "actions": [
            {
                "code": one.code,
                "label": str(one.label),
                "parameters": [
                    {
                        "code": given.code,
                        "label": str(given.label),
                        "kind": given.kind,
                        "required": given.is_required,
                        "picks": _picks(given.picks, by),
                    }
                    for given in one.parameters
                ],
            }
            for one in actions().values()
        ],
        "scenarios": [
            {"code": one.code, "label": str(one)}
            for one in visible_scenarios(by).exclude(current=None).exclude(pk=scenario.pk)
        ],
        "languages": [{"code": "ru", "label": _("Russian")}, {"code": "en", "label": _("English")}],
        "words": words(),
    }


def _term(term: Term, asking: Asking) -> dict[str, Any]:
    choices = term.choices_for(asking)
    return {
        "code": term.code,
        "label": str(term.label),
        "type": term.type,
        "picks": None if choices is None else list(choices.items()),
    }


def _picks(picks: Picks, by: Person) -> list[tuple[str, str]]:
    return [(str(value), str(label)) for value, label in (picks(by) if callable(picks) else picks)]


def kinds() -> dict[Kind, str]:
    return {
        Kind.PHRASE: pgettext("step", "Phrase"),
        Kind.FORM: pgettext("step", "Form"),
        Kind.QUESTION: pgettext("step", "Question"),
        Kind.CHOICE: pgettext("step", "Choice"),
        Kind.ACTION: pgettext("step", "Action"),
        Kind.DECISION: pgettext("step", "Decision"),
        Kind.SUB: pgettext("step", "Sub-scenario"),
        Kind.RETURN: pgettext("step", "Return"),
        Kind.END: pgettext("step", "End"),
    }


def asks() -> dict[Ask, str]:
    return {
        Ask.TEXT: pgettext("answer", "Text"),
        Ask.NUMBER: pgettext("answer", "Number"),
        Ask.SCALE: pgettext("answer", "Scale"),
        Ask.DAY: pgettext("answer", "Date"),
        Ask.MOMENT: pgettext("answer", "Date and time"),
        Ask.ONE: pgettext("answer", "One of several"),
        Ask.MANY: pgettext("answer", "Several"),
        Ask.FLAG: pgettext("answer", "Yes or no"),
        Ask.PHONE: pgettext("answer", "Phone"),
        Ask.MATRIX: pgettext("answer", "Table: an answer in each row"),
    }


def words() -> dict[str, str]:
    """Of the page, by the name the island asks for."""
    return {
        "scheme": _("Scheme"),
        "outline": pgettext("designer", "List"),
        "steps": pgettext("scenario", "Steps"),
        "addStep": _("Add a step"),
        "undo": _("Undo"),
        "redo": _("Redo"),
        "arrange": _("Arrange"),
        "fit": _("Show all"),
        "zoomIn": _("Nearer"),
        "zoomOut": _("Further"),
        "copy": _("Copy"),
        "paste": _("Paste"),
        "delete": _("Delete"),
        "duplicate": _("Another one like this"),
        "try": _("Try out"),
        "publish": _("Publish"),
        "publishNote": _("What is new in this version"),
        "published": _("Published: version {number} is in force."),
        "cancel": _("Cancel"),
        "versions": _("Versions"),
        "exportYaml": _("Save as a file"),
        "import": _("Load from a file"),
        "importWarns": _("What is drawn here is replaced by the file. The versions stay."),
        "insight": pgettext("scenario", "How it goes"),
        "offering": _("Where it is offered"),
        "more": _("More"),
        "saved": pgettext("draft", "Saved"),
        "saving": _("Saving…"),
        "unsaved": _("Not saved yet"),
        "saveFailed": _("Not saved: no link to the server. What is drawn stays here and is sent again."),
        "theirs": _("Open what was saved there"),
        "mine": _("Save mine over it"),
        "inForce": _("in force is version {number}"),
        "neverPublished": _("not published yet"),
        "noFlaws": _("Nothing is missing."),
        "flaws": _("To be mended: {count}"),
        "whole": _("The whole scenario"),
        "start": _("First step"),
        "isStart": _("The scenario begins here"),
        "makeStart": _("Begin here"),
        "languages": _("Languages"),
        "title": _("Title"),
        "kind": pgettext("step", "Kind"),
        "code": _("Code"),
        "text": _("Text for the operator"),
        "textHint": _("What is known is put in with braces: {customer.name}"),
        "insertFact": _("Put in…"),
        "variants": _("Said instead"),
        "addVariant": _("Another text on a condition"),
        "phrases": _("To be read aloud"),
        "addPhrase": _("Add a phrase"),
        "mandatory": _("Must be read"),
        "fields": _("Fields"),
        "addField": _("Add a field"),
        "ask": pgettext("field", "Answer"),
        "label": pgettext("field", "Name"),
        "required": _("Must be filled in"),
        "options": _("Choices"),
        "addOption": _("Add a choice"),
        "rows": _("Rows"),
        "addRow": _("Add a row"),
        "score": _("Score"),
        "weight": _("Weight"),
        "least": _("From"),
        "most": _("To"),
        "bands": _("Score by number"),
        "addBand": _("Add a step of the score"),
        "binds": _("Is also the field of the card"),
        "ways": _("Ways on"),
        "addWay": _("Add a way"),
        "button": pgettext("way", "Button"),
        "leadsTo": _("Leads to"),
        "nowhere": _("choose a step"),
        "when": _("Is there only if"),
        "needs": _("Is open only if"),
        "why": _("Until then the operator reads"),
        "sets": _("Notes down"),
        "addSet": _("Note something down"),
        "value": _("Value"),
        "always": _("always"),
        "condition": _("Condition"),
        "addCondition": _("Add a condition"),
        "addGroup": _("Add a group"),
        "all": _("all of these hold"),
        "any": _("one of these holds"),
        "counts": _("Counts visits as"),
        "limit": _("Time limit, seconds"),
        "lateTo": _("When the time is over, goes to"),
        "lateStays": _("stays and tells the operator"),
        "does": pgettext("step", "Action"),
        "waits": _("The conversation waits for it"),
        "noActions": _("No actions are offered in this installation."),
        "scenario": _("Scenario"),
        "result": _("Result"),
        "jumps": _("May come up at any time"),
        "addJump": _("Add"),
        "returns": _("Then back to where one was"),
        "up": _("Up"),
        "down": _("Down"),
        "remove": _("Remove"),
        "properties": _("Properties"),
        "nothingChosen": _("Choose a step to see what is in it."),
        "newStep": _("New step"),
        "addAfter": _("Add after it"),
        "trial": _("Trial with a client who does not exist"),
        "restart": _("From the beginning"),
        "back": _("Back"),
        "forward": _("Forward"),
        "next": _("Next"),
        "close": _("Close"),
        "itWorked": _("It worked"),
        "itFailed": _("It failed"),
        "actionRuns": _("Here is done: {action}"),
        "ended": _("The conversation has ended."),
        "scoreIs": _("Score: {score}"),
        "client": _("The client"),
        "yes": pgettext("filter", "yes"),
        "no": pgettext("filter", "no"),
        "and": _("and"),
        "palette": _("Drag a step onto the scheme, or press it"),
        "wayFrom": _("way of “{step}”"),
        "score_fact": _("Score so far"),
        "count_fact": _("Visits: {name}"),
        "outcome_fact": _("Outcome of the last action"),
        "language_fact": _("Language of the conversation"),
        "pasted": _("Pasted: {count}"),
        "copied": _("Copied: {count}"),
        "leave": _("Some of it is not saved yet."),
        "search": _("Find a step"),
        "aboutStep": _("Enter chooses the step, the arrows move it, Delete removes it."),
        "aboutWay": _("Enter chooses the way, Delete removes it."),
        "handle": _("Pull from here to another step, or press here and then there"),
    }

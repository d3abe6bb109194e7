"""What people read about scenarios: flaws, refusals, and why a step cannot be taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from django.utils.translation import gettext as _

from perezvon.cores.scripting import Flaw
from perezvon.cores.scripting.model import NotNow
from perezvon.foundation.fields.words import problem_words as common_words
from perezvon.foundation.web.words import say
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import PerezvonError
from perezvon.modules.scripting.services import FieldsWrong

_FLAWS: Mapping[str, Callable[[str], str]] = {
    "no_start": lambda _a: _("There is no first step: choose where the scenario begins."),
    "too_large": lambda a: _("There are too many steps; {most} are possible.").format(most=a),
    "unreachable": lambda _a: _("Nothing leads here."),
    "no_end": lambda _a: _("From here no end can be reached."),
    "loop": lambda _a: _("These steps lead to each other for ever and wait for nobody."),
    "no_target": lambda a: _("A way leads to nothing: “{what}”.").format(what=a),
    "no_translation": lambda a: _("Some text is missing in this language: {language}.").format(language=a),
    "two_kinds": lambda a: _("The answer “{what}” is of another kind in another step.").format(what=a),
    "within_itself": lambda a: _("The scenario is part of itself: “{what}”.").format(what=a),
    "too_many_fields": lambda a: _("A step may have {most} fields.").format(most=a),
    "no_question": lambda _a: _("A question asks for nothing: add a field for the answer."),
    "no_action": lambda a: _("There is no such action: “{what}”.").format(what=a) if a else _("Choose the action."),
    "no_scenario": lambda a: (
        _("This scenario is not published: “{what}”.").format(what=a) if a else _("Choose the scenario.")
    ),
    "dead_end": lambda _a: _("The conversation may come to a stop here: one way must be open without a condition."),
    "twice": lambda a: _("The same code stands here twice: “{what}”.").format(what=a),
    "no_reason": lambda a: _("The way “{what}” can be locked: say why, for whoever wants to take it.").format(what=a),
    "condition": lambda a: _("A condition cannot be asked: “{what}” is not known, or its value is wrong.").format(
        what=a
    ),
    "no_words": lambda _a: _("Nothing is said here."),
    "no_fact": lambda a: _("The text names something unknown: {{{what}}}.").format(what=a),
    "no_label": lambda a: _("The field “{what}” has no name.").format(what=a),
    "no_options": lambda a: _("There is nothing to choose from in “{what}”.").format(what=a),
    "no_range": lambda a: _("The scale “{what}” needs its ends, from the lesser to the greater.").format(what=a),
    "unreadable": lambda a: _("This cannot be read: {what}").format(what=a),
}

_NOT_NOW: Mapping[str, Callable[[], str]] = {
    "ended": lambda: _("The conversation has ended."),
    "waiting": lambda: _("The action is still under way."),
    "incomplete": lambda: _("Fill in what is marked first."),
    "choose": lambda: _("Choose one of the ways."),
    "needs": lambda: _("This way is not open yet."),
    "first": lambda: _("This is the first step."),
    "last": lambda: _("This is the last step so far."),
    "too_long": lambda: _("The conversation has become too long: it goes round."),
}
_ANSWERS: Mapping[str, Callable[[], str]] = {
    "phrase": lambda: _("Read it aloud and tick it."),
    "answer.one": lambda: _("One answer is possible."),
    "answer.flag": lambda: _("Say yes or no."),
    "answer.whole": lambda: _("A whole number."),
    "answer.range": lambda: _("Not within the limits."),
    "answer.moment": lambda: _("A date with a time."),
    "answer.option": lambda: _("Choose from the list."),
    "answer.row": lambda: _("Choose from the list."),
    "condition.number": lambda: _("A number."),
    "condition.day": lambda: _("A date."),
}
_OURS: Mapping[str, Callable[[], str]] = {
    "code.form": lambda: _("A code has small Latin letters, digits, _ and -, begins with a letter, 40 signs at most."),
    "code.taken": lambda: _("There is one with this code already."),
    "text.forbidden": lambda: _("The text holds a character that cannot be kept. Type it anew."),
}


def flaw_words(flaw: Flaw) -> str:
    return _FLAWS[flaw.code](flaw.about) if flaw.code in _FLAWS else f"{flaw.code} {flaw.about}"


def not_now_words(error: NotNow) -> str:
    return _NOT_NOW[error.code]() if error.code in _NOT_NOW else _("This is not possible here.")


def answer_words(code: str) -> str:
    """What is wrong with an answer, by the code of `Missing`."""
    return _ANSWERS[code]() if code in _ANSWERS else common_words(code, {})


def words_of(wrong: FieldsWrong) -> dict[str, str]:
    """What is wrong, by field."""
    problems: dict[str, Wrong] = dict(wrong.facts["problems"])  # type: ignore[call-overload]
    return {
        name: _OURS[one.code]() if one.code in _OURS else common_words(one.code, one.facts)
        for name, one in problems.items()
    }


@say("scripting.fields_wrong")
def _fields(error: PerezvonError) -> str:
    return " ".join(words_of(error).values()) if isinstance(error, FieldsWrong) else ""


@say("scripting.changed")
def _changed(_error: PerezvonError) -> str:
    return _("Somebody else has changed it meanwhile. Open it again to see how it reads now.")


@say("scripting.draft_changed")
def _draft_changed(error: PerezvonError) -> str:
    who = str(error.facts.get("by") or "")
    if who:
        return _("{who} has saved this draft meanwhile. What you have drawn stays here.").format(who=who)
    return _("The draft was saved elsewhere meanwhile. What you have drawn stays here.")


@say("scripting.too_large")
def _too_large(_error: PerezvonError) -> str:
    return _("The scenario is too large. Move a part of it into a scenario of its own.")


@say("scripting.no_such_scenario")
def _no_scenario(_error: PerezvonError) -> str:
    return _("There is no such scenario, or it is not open to you.")


@say("scripting.unreadable_file")
def _unreadable(_error: PerezvonError) -> str:
    return _("This file holds no scenario.")


@say("scripting.unfit")
def _unfit(error: PerezvonError) -> str:
    flaws = error.facts.get("flaws")
    told = [flaw_words(one) for one in flaws if isinstance(one, Flaw)] if isinstance(flaws, Iterable) else []
    return _("It cannot be published yet: {why}").format(why=" ".join(dict.fromkeys(told[:5])))

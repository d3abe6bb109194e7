"""What is done to a case from its page: one POST each, then the page again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.commands.services import intent
from perezvon.foundation.fields.words import problem_words
from perezvon.foundation.messages.services import MayNotSend, MessageWrong
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.intents import command_id_of
from perezvon.foundation.web.render import is_swap, render_page
from perezvon.foundation.web.words import words_for
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import NotFound, PerezvonError
from perezvon.modules.cases import services
from perezvon.modules.cases.selectors import REGISTER, VIEW, NoSuchCase, find_by_number, get_case
from perezvon.modules.cases.values import moment
from perezvon.modules.cases.web.case import page

type Act = Callable[[UUID, QueryDict, Person, datetime], object]

_UNPROCESSABLE = 422
_LONGEST_KEY = 18


def key_of(given: QueryDict, name: str) -> int | None:
    text = given.get(name, "")
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_KEY else None


def _move(case_id: UUID, given: QueryDict, by: Person, now: datetime) -> object:
    comment = given.get("comment", "")
    return services.move_case(case_id=case_id, step_id=key_of(given, "step") or 0, comment=comment, by=by, now=now)


def _take(case_id: UUID, _given: QueryDict, by: Person, now: datetime) -> object:
    return services.take_case(case_id=case_id, by=by, now=now)


def _assign(case_id: UUID, given: QueryDict, by: Person, now: datetime) -> object:
    person, team = key_of(given, "person"), key_of(given, "team")
    why = given.get("why", "")
    return services.assign_case(case_id=case_id, person_id=person, team_id=team, why=why, by=by, now=now)


def _say(case_id: UUID, given: QueryDict, by: Person, now: datetime) -> object:
    """A note, an answer that is only written down, or a letter that goes out; then perhaps a step."""
    return services.say(
        case_id=case_id,
        how=given.get("how", "note"),
        text=given.get("text", ""),
        subject=given.get("subject", ""),
        step_id=key_of(given, "step"),
        by=by,
        now=now,
    )


def _split(case_id: UUID, given: QueryDict, by: Person, now: datetime) -> object:
    entry, subject = key_of(given, "entry") or 0, given.get("subject", "")
    return services.split_case(case_id=case_id, entry_id=entry, subject=subject, by=by, now=now)


def _follow(case_id: UUID, given: QueryDict, by: Person, now: datetime) -> object:
    return services.follow_case(case_id=case_id, on="on" in given, by=by, now=now)


def _point(case_id: UUID, given: QueryDict, by: Person, now: datetime) -> object:
    return services.add_point(case_id=case_id, text=given.get("point", ""), by=by, now=now)


def _tick(case_id: UUID, given: QueryDict, by: Person, now: datetime) -> object:
    point = key_of(given, "id") or 0
    return services.tick_point(case_id=case_id, point_id=point, done="done" in given, by=by, now=now)


def _ask(case_id: UUID, given: QueryDict, by: Person, now: datetime) -> object:
    asked = key_of(given, "asked")
    question = given.get("question", "")
    return services.ask_approval(case_id=case_id, question=question, asked_id=asked, by=by, now=now)


def _approve(case_id: UUID, given: QueryDict, by: Person, now: datetime) -> object:
    get_case(case_id, by=by)
    return services.answer_approval(
        approval_id=key_of(given, "id") or 0, given="yes" in given, reason=given.get("reason", ""), by=by, now=now
    )


def _mark(case_id: UUID, given: QueryDict, by: Person, now: datetime) -> object:
    mark, words = key_of(given, "mark") or 0, given.get("words", "")
    return services.mark_case(case_id=case_id, mark=mark, words=words, by=by, now=now)


def _macro(case_id: UUID, given: QueryDict, by: Person, now: datetime) -> object:
    return services.use_macro(case_id=case_id, macro_id=key_of(given, "macro") or 0, by=by, now=now)


def _link(case_id: UUID, given: QueryDict, by: Person, now: datetime) -> object:
    """With another case, given by its number: beside it, as a part of it, as its whole, or made one with it."""
    others = find_by_number(given.get("number", ""), by=by)
    if not others:
        raise NoSuchCase(number=given.get("number", ""))
    other = others[0].pk
    match given.get("how", ""):
        case "part":
            return services.set_parent(case_id=other, parent_id=case_id, by=by, now=now)
        case "whole":
            return services.set_parent(case_id=case_id, parent_id=other, by=by, now=now)
        case "merge":
            return services.merge_cases(kept_id=case_id, gone_id=other, by=by, now=now)
        case _:
            return services.link_cases(case_id=case_id, other_id=other, by=by, now=now)


def _unlink(case_id: UUID, given: QueryDict, by: Person, now: datetime) -> object:
    try:
        other = UUID(given.get("other", ""))
    except ValueError:
        raise NoSuchCase(case=given.get("other", "")) from None
    return services.unlink_cases(case_id=case_id, other_id=other, by=by, now=now)


def _contact(case_id: UUID, given: QueryDict, by: Person, now: datetime) -> object:
    """The contact in hand was about this case too."""
    try:
        contact = UUID(given.get("contact", ""))
    except ValueError:
        raise NotFound(contact=given.get("contact", "")) from None
    return services.add_contact(case_id=case_id, contact_id=contact, by=by, now=now)


def _incident(case_id: UUID, given: QueryDict, by: Person, now: datetime) -> object:
    """With `off` it is an ordinary case again."""
    if "off" in given:
        return services.call_off_incident(case_id=case_id, by=by, now=now)
    zone = get_case(case_id, by=by).project.zone
    try:
        until = moment(given.get("until", "").strip(), zone)
    except Wrong as wrong:
        raise services.FieldsWrong(problems={"banner_until": wrong}) from None
    return services.declare_incident(case_id=case_id, banner=given.get("banner", ""), until=until, by=by, now=now)


_ACTS: dict[str, Act] = {
    "move": _move,
    "take": _take,
    "assign": _assign,
    "say": _say,
    "follow": _follow,
    "point": _point,
    "tick": _tick,
    "ask": _ask,
    "approve": _approve,
    "mark": _mark,
    "macro": _macro,
    "link": _link,
    "unlink": _unlink,
    "split": _split,
    "contact": _contact,
    "incident": _incident,
}
_ASIDE = ("point", "assign", "link", "ask", "approve", "mark", "incident")  # forms that say themselves what was refused
_SHOWN = (
    services.FieldsWrong,
    services.StepNeeds,
    services.StepClosed,
    services.NoAddress,
    services.CannotLink,
    services.NobodySuch,
    services.CaseIsOver,
    services.NoIncident,
    NoSuchCase,
    MessageWrong,
    MayNotSend,
)


@needs(VIEW)
@require_POST
def act(request: HttpRequest, case_id: UUID, act: str) -> HttpResponse:
    """One act; its service asks for the right. What is refused is said on the page, with what was typed."""
    if act not in _ACTS:
        raise NotFound(act=act)
    by, now = person_of(request), clock.now()
    get_case(case_id, by=by)
    try:
        with intent(command_id=command_id_of(request)):
            _ACTS[act](case_id, request.POST, by, now)
    except _SHOWN as error:
        if not is_swap(request):
            raise
        context = page(get_case(case_id, by=by), by, clock.now(), {}) | {
            "refused": {act if act in _ASIDE else "top": _words(error)},
            "typed": {act: request.POST.dict()},
        }
        return render_page(request, "cases/case.html", context, part="workspace", status=_UNPROCESSABLE)
    return HttpResponseRedirect(reverse("cases:case", args=[case_id]))


@needs(REGISTER)
@require_POST
def one_more(request: HttpRequest, case_id: UUID, contact_id: UUID) -> HttpResponse:
    """One more call about a mass incident: on the desk its notice says which case it became."""
    by, now = person_of(request), clock.now()
    made = services.one_more_call(case_id=case_id, contact_id=contact_id, by=by, now=now)
    if not is_swap(request):
        return HttpResponseRedirect(reverse("cases:case", args=[made.pk]))
    return render(request, "cases/_one_more.html", {"case": made})


def _words(error: PerezvonError) -> str:
    """Of several wrong fields the first one speaks: these forms have one that can be."""
    problems = error.facts.get("problems")
    wrong = next(iter(problems.values()), None) if isinstance(problems, dict) else error.facts.get("wrong")
    return problem_words(wrong.code, wrong.facts) if isinstance(wrong, Wrong) else words_for(error)

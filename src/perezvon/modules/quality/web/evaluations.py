"""Judging a conversation while hearing it; what its operator says to the judgement; evaluators compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from perezvon.cores import quality as core
from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.commands.services import intent
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.intents import command_id_of
from perezvon.foundation.web.render import render_page
from perezvon.foundation.web.words import say
from perezvon.kernel.errors import NotFound, PerezvonError
from perezvon.kernel.texts import text_in
from perezvon.modules.quality import services
from perezvon.modules.quality.models import Evaluation, State, card_of, section_key
from perezvon.modules.quality.selectors import (
    DECIDE,
    EVALUATE,
    OWN,
    Calibration,
    by_agent,
    calibration_of,
    get_evaluation,
    list_scorecards,
    list_waiting,
    may_evaluate,
    score_of,
)
from perezvon.modules.quality.words import STATE_TONES
from perezvon.modules.telephony.selectors import get_recording
from perezvon.modules.telephony.services import listen, player_of

UNPROCESSABLE = 422
DOES_NOT_APPLY = "-"
_SHOWN, _LONGEST_NUMBER = 100, 4


@say("quality.not_finished")
def _not_finished(error: PerezvonError) -> str:
    count = len(error.facts.get("codes", ()))  # type: ignore[arg-type]
    return ngettext("{count} question is unanswered.", "{count} questions are unanswered.", count).format(count=count)


@say("quality.not_now")
def _not_now(_error: PerezvonError) -> str:
    return _("This is not possible any more: somebody else has done something with it. Reload the page.")


@say("quality.say_something")
def _say_something(_error: PerezvonError) -> str:
    return _("Write a few words to it.")


@say("quality.nobodys_call")
def _nobodys_call(_error: PerezvonError) -> str:
    return _("No operator spoke in this conversation.")


# --- what waits ---------------------------------------------------------------------------------------


@needs(EVALUATE)
@require_http_methods(["GET", "POST"])
def waiting(request: HttpRequest) -> HttpResponse:
    """What was drawn to be evaluated, a draw, and how operators stand this month."""
    by, now = person_of(request), clock.now()
    if request.method == "POST":
        with intent(command_id=command_id_of(request)):
            count = services.draw(
                scorecard_id=_number(request.POST.get("scorecard", "")),
                each=_number(request.POST.get("each", "")),
                least_s=_number(request.POST.get("least_s", "")),
                by=by,
                now=now,
            )
        told = ngettext("{count} conversation was drawn.", "{count} conversations were drawn.", count).format(
            count=count
        )
        answer: HttpResponse = _waiting(request, by)
        return trigger_client_event(answer, "toast", {"text": told, "tone": "good" if count else "warn"})
    return _waiting(request, by)


def _waiting(request: HttpRequest, by: Person) -> HttpResponse:
    drawn = list_waiting(by=by)
    today = localtime(clock.now()).date()
    rows = [
        {
            "url": f"{reverse('quality:begin', args=[one.recording_id])}?card={one.scorecard_id}",
            "agent": one.agent.short_name,
            "number": one.recording.interaction.number,
            "customer": one.recording.interaction.customer.full_name if one.recording.interaction.customer else "",
            "began_at": one.recording.began_at,
            "seconds": one.recording.seconds,
            "scorecard": str(one.scorecard),
        }
        for one in drawn[:_SHOWN]
    ]
    context = {
        "rows": rows,
        "total": drawn.count(),
        "cards": [(card.pk, str(card)) for card in list_scorecards(by=by).filter(is_active=True)],
        "agents": by_agent(since=today.replace(day=1), by=by),
        "steps": _steps(_("To evaluate")),
    }
    return render_page(request, "quality/waiting.html", context, part="workspace")


@needs(EVALUATE)
@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest, recording_id: UUID) -> HttpResponse:
    """By which card; the one that was asked for begins at once."""
    by = person_of(request)
    recording = get_recording(recording_id, by=by)
    if request.method == "POST":
        with intent(command_id=command_id_of(request)):
            evaluation = services.begin(
                recording_id=recording_id,
                scorecard_id=_number(request.POST.get("card", "")),
                calibration=bool(request.POST.get("calibration")),
                by=by,
                now=clock.now(),
            )
        return HttpResponseRedirect(reverse("quality:evaluation", args=[evaluation.pk]))
    context = {
        "recording": recording,
        "cards": [(card.pk, str(card)) for card in list_scorecards(by=by).filter(is_active=True)],
        "chosen": _number(request.GET.get("card", "")),
        "steps": _steps(_("Contact {number}").format(number=recording.interaction.number)),
    }
    return render_page(request, "quality/begin.html", context, part="workspace")


# --- one evaluation -----------------------------------------------------------------------------------


@needs(OWN)
@require_GET
def evaluation(request: HttpRequest, evaluation_id: UUID) -> HttpResponse:
    return _evaluation(request, get_evaluation(evaluation_id, by=person_of(request)))


def _evaluation(request: HttpRequest, seen: Evaluation, said: str = "", status: int = 200) -> HttpResponse:
    by = person_of(request)
    has_sound = seen.recording is not None and bool(seen.recording.path) and by.may("telephony.listen")
    heard = listen(recording_id=seen.recording_id, by=by, now=clock.now()) if has_sound and seen.recording_id else None
    is_draft = may_evaluate(seen, by)
    is_open = is_draft and said != ""
    context = {
        "one": seen,
        "title": _("Evaluation of contact {number}").format(number=seen.interaction.number),
        "steps": _steps(_("Contact {number}").format(number=seen.interaction.number)),
        "player": player_of(heard) if heard else None,
        "state": {"text": seen.get_state_display(), "tone": STATE_TONES[State(seen.state)]},
        "sections": _sections(seen, unanswered=is_open),
        "score": _score(seen),
        "marks": _marks(seen),
        "is_draft": is_draft,
        "may_answer": seen.agent_id == by.id and seen.state == State.PUBLISHED,
        "may_decide": by.may(DECIDE) and seen.state == State.APPEALED and seen.evaluator_id != by.id,
        "may_compare": by.may(EVALUATE) and not is_draft,
        "said": said,
    }
    return render_page(request, "quality/evaluation.html", context, part="workspace", status=status)


@needs(EVALUATE)
@require_POST
def keep(request: HttpRequest, evaluation_id: UUID) -> HttpResponse:
    """As he goes on: what comes of it is told at once."""
    by = person_of(request)
    services.keep(evaluation_id=evaluation_id, found=_found(request), by=by, now=clock.now())
    seen = get_evaluation(evaluation_id, by=by)
    return render(request, "quality/_score.html", {"score": _score(seen), "kept_at": clock.now()})


@needs(EVALUATE)
@require_POST
def marks(request: HttpRequest, evaluation_id: UUID) -> HttpResponse:
    """Say something to where the player stands, or take it back."""
    by, now = person_of(request), clock.now()
    with intent(command_id=command_id_of(request)):
        if request.POST.get("act") == "remove":
            services.unmark(
                evaluation_id=evaluation_id, mark_id=_number(request.POST.get("mark", ""), 9), by=by, now=now
            )
        else:
            at_s = _seconds(request.POST.get("at_s", ""))
            services.mark(evaluation_id=evaluation_id, at_s=at_s, text=request.POST.get("text", ""), by=by, now=now)
    seen = get_evaluation(evaluation_id, by=by)
    return render(
        request, "quality/_marks.html", {"one": seen, "marks": _marks(seen), "is_draft": True, "is_heard": True}
    )


@needs(OWN)
@require_POST
def act(request: HttpRequest, evaluation_id: UUID) -> HttpResponse:
    """Publish, accept, appeal, decide. Refused, what was typed stays."""
    by, now = person_of(request), clock.now()
    wanted, text = request.POST.get("act", ""), request.POST.get("text", "")
    if wanted == "publish":  # a command of its own: one click may carry out no two
        services.keep(evaluation_id=evaluation_id, found=_found(request), by=by, now=now)
    try:
        with intent(command_id=command_id_of(request)):
            match wanted:
                case "publish":
                    services.publish(evaluation_id=evaluation_id, by=by, now=now)
                case "accept":
                    services.accept(evaluation_id=evaluation_id, by=by, now=now)
                case "appeal":
                    services.appeal(evaluation_id=evaluation_id, text=text, by=by, now=now)
                case "agree" | "uphold":
                    services.decide(evaluation_id=evaluation_id, is_right=wanted == "agree", text=text, by=by, now=now)
                case _:
                    raise NotFound(act=wanted)
    except services.NotFinished as refused:
        return _evaluation(request, get_evaluation(evaluation_id, by=by), _not_finished(refused), UNPROCESSABLE)
    if wanted == "agree":  # it is its evaluator's draft again, and nobody else's affair
        return HttpResponseRedirect(reverse("quality:evaluations"))
    return HttpResponseRedirect(reverse("quality:evaluation", args=[evaluation_id]))


@needs(EVALUATE)
@require_GET
def calibration(request: HttpRequest, evaluation_id: UUID) -> HttpResponse:
    """Evaluations of the same conversation side by side, question by question."""
    by = person_of(request)
    seen = get_evaluation(evaluation_id, by=by)
    found = calibration_of(seen, by=by)
    context = {
        "title": _("Evaluators compared"),
        "steps": _steps(_("Contact {number}").format(number=seen.interaction.number), seen),
        "people": [
            {"name": one.evaluator.short_name, "percent": one.percent, "counts": not one.calibration,
             "url": reverse("quality:evaluation", args=[one.pk])}
            for one in found.evaluations
        ],
        "rows": _compared(seen, found),
        "spread": found.agreement.spread,
        "begin_url": reverse("quality:begin", args=[seen.recording_id]) if seen.recording_id else "",
    }  # fmt: skip
    return render_page(request, "quality/calibration.html", context, part="workspace")


# --- as templates take it -----------------------------------------------------------------------------


def _steps(name: str, seen: Evaluation | None = None) -> list[dict[str, str]]:
    url = reverse("quality:evaluation", args=[seen.pk]) if seen else ""
    last = [{"label": _("Evaluators compared"), "url": ""}] if seen else []
    return [{"label": _("Quality"), "url": reverse("quality:evaluations")}, {"label": name, "url": url}, *last]


def _sections(seen: Evaluation, *, unanswered: bool) -> list[dict[str, Any]]:
    """unanswered: point at what is missing."""
    language = get_language() or "ru"
    titles: dict[str, str] = {}
    questions: dict[str, list[dict[str, Any]]] = {}
    for one in seen.card["questions"]:
        key = section_key(one)
        titles.setdefault(key, text_in(one.get("section", {}), language))
        questions.setdefault(key, []).append(_question(one, seen, language, unanswered))
    return [{"title": titles[key], "questions": asked} for key, asked in questions.items()]


def _question(one: Mapping[str, Any], seen: Evaluation, language: str, unanswered: bool) -> dict[str, Any]:
    code, most = one["code"], int(one.get("most", 1))
    value = seen.answers.get(code)
    is_given = code in seen.answers
    labels = [_("no"), _("yes")] if most == 1 else [str(points) for points in range(most + 1)]
    choices = [{"value": str(points), "label": label, "checked": is_given and value == points}
               for points, label in enumerate(labels)]  # fmt: skip
    choices.append({"value": DOES_NOT_APPLY, "label": _("n/a"), "checked": is_given and value is None})
    return {
        "code": code,
        "text": text_in(one["text"], language),
        "choices": choices,
        "answer": next((each["label"] for each in choices if each["checked"]), "—"),
        "is_full": is_given and value == most,
        "is_low": is_given and value is not None and value < most,
        "note": seen.notes.get(code, ""),
        "fatal": bool(one.get("fatal")),
        "critical": bool(one.get("critical")),
        "weight": one.get("weight", 1),
        "wrong": unanswered and not is_given,
    }


def _score(seen: Evaluation) -> dict[str, Any]:
    found = score_of(seen)
    language = get_language() or "ru"
    texts = {one["code"]: text_in(one["text"], language) for one in seen.card["questions"]}
    names = {section_key(one): text_in(one.get("section", {}), language) for one in seen.card["questions"]}
    total, open_ = len(texts), len(core.missing(card_of(seen.card), seen.answers))
    return {
        "percent": found.percent,
        "critical": found.critical,
        "passed": found.passed,
        "pass_percent": seen.card["pass_percent"],
        "failed_by": [texts[code] for code in found.failed_by],
        "sections": [(names[key], percent) for key, percent in found.sections.items() if percent is not None and key],
        "answered": total - open_,
        "total": total,
    }


def _marks(seen: Evaluation) -> list[dict[str, Any]]:
    return [{"id": one.pk, "at": one.at_s, "at_s": f"{one.at_s:.1f}", "text": one.text} for one in seen.marks.all()]


def _compared(seen: Evaluation, found: Calibration) -> list[dict[str, Any]]:
    language = get_language() or "ru"
    return [
        {
            "text": text_in(one["text"], language),
            "answers": [_question(one, each, language, unanswered=False)["answer"] for each in found.evaluations],
            "share": found.agreement.questions.get(one["code"]),
        }
        for one in seen.card["questions"]
    ]


# --- what the forms say -------------------------------------------------------------------------------


def _found(request: HttpRequest) -> services.Found:
    """Names of fields: answer.CODE, note.CODE."""
    answers: dict[str, int | None] = {}
    notes: dict[str, str] = {}
    for name, value in request.POST.items():
        kind, _dot, code = name.partition(".")
        if kind == "answer" and str(value) == DOES_NOT_APPLY:
            answers[code] = None
        elif kind == "answer" and str(value).isdecimal() and len(str(value)) < _LONGEST_NUMBER:
            answers[code] = int(str(value))
        elif kind == "note":
            notes[code] = str(value)
    return services.Found(answers, notes, request.POST.get("comment", ""), request.POST.get("coaching", ""))


def _number(text: str, longest: int = _LONGEST_NUMBER) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= longest else 0


def _seconds(text: str) -> float:
    whole, _dot, part = text.partition(".")
    is_number = whole.isascii() and whole.isdecimal() and len(whole) <= len("86400") and (not part or part.isdecimal())
    return float(f"{whole}.{part[:1] or 0}") if is_number else 0.0

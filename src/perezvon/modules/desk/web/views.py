"""`/desk/`: one document for the whole shift, and what is done in its workspace."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perezvon.cores.routing import Presence
from perezvon.foundation import clock
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.panels import Area, panels_for
from perezvon.foundation.web.render import is_swap
from perezvon.foundation.web.words import say, words_for
from perezvon.kernel.errors import PerezvonError
from perezvon.modules.desk import services
from perezvon.modules.desk.screens import work
from perezvon.modules.desk.screens.identify import gate_view
from perezvon.modules.desk.screens.look import Look, write_up_screen
from perezvon.modules.desk.web.calls import BadRequest
from perezvon.modules.desk.web.parts import draw
from perezvon.modules.interactions import services as interactions
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.selectors import get_interaction
from perezvon.modules.interactions.services import read_result
from perezvon.modules.interactions.services import result_form as draw_result_form
from perezvon.modules.knowledge.selectors import VIEW as KNOWLEDGE
from perezvon.modules.knowledge.selectors import list_for_topics
from perezvon.modules.knowledge.services import consult
from perezvon.modules.scripting.selectors import result_of
from perezvon.modules.tasks import services as tasks
from perezvon.modules.topics.registry import tools_of

USE = "telephony.use"
WRITE = "interactions.write"
_LONGEST_NUMBER = 19


@needs(USE)
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """The document; inside it every part comes from the same functions as the swaps."""
    look = Look(person_of(request), clock.now())
    return _document(request, look, look.screen())


def _document(request: HttpRequest, look: Look, screen: dict[str, Any]) -> HttpResponse:
    if is_swap(request):
        return render(request, "desk/desk.html#workspace", screen)
    context: dict[str, Any] = {
        "bar": look.callbar(),
        "rail": look.rail(),
        "note": look.notestrip(),
        "script": look.script(),
        "strips": panels_for(look.by, Area.STRIP),
        "tabs": [],
        "search_url": reverse("customers:office"),
        "phone_url": reverse("telephony:phone_offer"),
    }
    return render(request, "desk/desk.html", context | look.helper() | screen)


def workspace_after(request: HttpRequest) -> HttpResponse:
    """What stands in the middle after something was done there."""
    look = Look(person_of(request), clock.now())
    return render(request, "desk/desk.html#workspace", look.screen())


def _helper(request: HttpRequest, contact: Interaction, *, opens: int = 0) -> HttpResponse:
    """The helper panel about a contact, after something in it was saved; or its topics where an older one is written
    up. opens: the topic that was just chosen, whose tool opens by itself (F07.10)."""
    by = person_of(request)
    view = work.contact_view(contact, gate_view(contact, by=by), by, clock.now())
    if request.headers.get("HX-Target") == f"topics-{contact.pk}":
        return render(request, "desk/_wrapup.html#topics", {"contact": view})
    context = {"contact": view, "helper_key": f"{contact.pk}:{contact.version}", "saved": True, "now": clock.now()}
    chosen = [row.topic for row in contact.topics.all() if row.topic_id == opens]
    opened = [{"place": "tab", "url": tool.url(contact.pk)} for tool in tools_of(chosen, by)]
    return render(request, "desk/desk.html#helper", context | {"opened": opened})


# --- a contact ----------------------------------------------------------------------------------------


@needs(WRITE)
@require_POST
def link(request: HttpRequest, interaction_id: UUID, customer_id: UUID) -> HttpResponse:
    interactions.link_customer(
        interaction_id=interaction_id, customer_id=customer_id, by=person_of(request), now=clock.now()
    )
    return workspace_after(request)


@needs(WRITE)
@require_POST
def unlink(request: HttpRequest, interaction_id: UUID) -> HttpResponse:
    interactions.link_customer(interaction_id=interaction_id, customer_id=None, by=person_of(request), now=clock.now())
    return workspace_after(request)


@needs(WRITE)
@require_POST
def anonymous(request: HttpRequest, interaction_id: UUID) -> HttpResponse:
    """Nobody known: the contact goes to the project's record for such (F01.30, F05.10)."""
    services.link_anonymous(interaction_id=interaction_id, by=person_of(request), now=clock.now())
    return workspace_after(request)


@needs(WRITE)
@require_POST
def topics(request: HttpRequest, interaction_id: UUID) -> HttpResponse:
    """A topic is chosen. What is known about it opens beside it, and that it was shown is kept (F12.04)."""
    by, now = person_of(request), clock.now()
    given = request.POST.get("topic", "")
    topic_id = int(given) if given.isdecimal() and len(given) < _LONGEST_NUMBER else 0
    interactions.add_topic(interaction_id=interaction_id, topic_id=topic_id, by=by, now=now)
    for article in list_for_topics([topic_id], by=by, now=now) if by.may(KNOWLEDGE) else ():
        consult(article_id=article.pk, contact=interaction_id, by=by, now=now)
    return _helper(request, get_interaction(interaction_id, by=by), opens=topic_id)


@needs(WRITE)
@require_POST
def topic_remove(request: HttpRequest, interaction_id: UUID, topic_id: int) -> HttpResponse:
    by = person_of(request)
    interactions.remove_topic(interaction_id=interaction_id, topic_id=topic_id, by=by, now=clock.now())
    return _helper(request, get_interaction(interaction_id, by=by))


@needs(WRITE)
@require_POST
def topic_text(request: HttpRequest, interaction_id: UUID) -> HttpResponse:
    """What the contact is about, in the operator's own words."""
    interactions.set_topic_text(
        interaction_id=interaction_id, text=request.POST.get("text", ""), by=person_of(request), now=clock.now()
    )
    return HttpResponse(status=204)


@needs(WRITE)
@require_POST
def speaker(request: HttpRequest, interaction_id: UUID) -> HttpResponse:
    """Who speaks. The panel comes back where it was said elsewhere, by choosing a representative."""
    contact = interactions.name_speaker(
        interaction_id=interaction_id,
        speaker=request.POST.get("speaker", ""),
        on_behalf=request.POST.get("on_behalf", ""),
        by=person_of(request),
        now=clock.now(),
    )
    if "helper" in request.POST:
        return _helper(request, get_interaction(contact.pk, by=person_of(request)))
    return HttpResponse(status=204)


@needs(WRITE)
@require_POST
def note(request: HttpRequest, interaction_id: UUID) -> HttpResponse:
    by, now = person_of(request), clock.now()
    services.add_note(interaction_id=interaction_id, text=request.POST.get("text", ""), by=by, now=now)
    return HttpResponse(draw(request, Look(by, now), "notestrip"))


@needs(WRITE)
@require_POST
def draft(request: HttpRequest, interaction_id: UUID, field: str) -> HttpResponse:
    by = person_of(request)
    contact = get_interaction(interaction_id, by=by)
    text = request.POST.get("text", "")
    kept = services.save_draft(subject=f"interaction:{contact.pk}", field=field, text=text, by=by, now=clock.now())
    response = HttpResponse(status=204)
    response["X-Saved-At"] = kept.saved_at.isoformat()
    return response


@needs("interactions.view")
@require_GET
def write_up(request: HttpRequest, interaction_id: UUID) -> HttpResponse:
    """One contact, to be read, or written up later."""
    by, now = person_of(request), clock.now()
    contact = get_interaction(interaction_id, by=by)
    look = Look(by, now)
    return _document(request, look, write_up_screen(contact, look, result_of(contact) | contact.result_fields, []))


def _choice(text: str) -> tuple[Presence, str] | None:
    try:
        return work.parse_choice(text)
    except ValueError as error:
        raise BadRequest() from error


@needs(WRITE)
@require_POST
def finish(request: HttpRequest, interaction_id: UUID) -> HttpResponse:
    """Save the result; what is missing is said at the field, what was typed stays."""
    by, now = person_of(request), clock.now()
    given = {name: str(value) for name, value in request.POST.items()}
    result = given.get("result", "")
    then = _choice(given.get("finish", ""))
    try:
        services.finish(
            interaction_id=interaction_id,
            result=result,
            fields=read_result(given),
            then=then,
            step=tasks.read_next_step(given),
            by=by,
            now=now,
        )
    except (interactions.FieldsMissing, interactions.ResultRefused, tasks.OutsideHours, tasks.TaskWrong) as refused:
        missing = _missing(refused, given)
        contact = get_interaction(interaction_id, by=by)
        screen = write_up_screen(contact, Look(by, now), given, missing)
        return render(request, "desk/desk.html#workspace", screen, status=422)
    return workspace_after(request)


def _missing(refused: PerezvonError, given: dict[str, str]) -> list[str]:
    """The fields to be looked at again; what is wrong with the next action stands beside it."""
    if isinstance(refused, interactions.FieldsMissing):
        return [str(name) for name in refused.facts["fields"]]  # type: ignore[attr-defined]
    if isinstance(refused, interactions.ResultRefused):
        given["refused"] = words_for(refused)
        return []
    given["next_error"] = words_for(refused)
    is_callback = isinstance(refused, tasks.OutsideHours) and not given.get("next_action")
    return ["callback_at" if is_callback else "next"]


@needs(WRITE)
@require_GET
def result_form(request: HttpRequest, interaction_id: UUID) -> HttpResponse:
    """What the result asks for as it stands chosen; with `all` the results too, which depend on what was said first."""
    by, now = person_of(request), clock.now()
    contact = get_interaction(interaction_id, by=by)
    given = {name: str(value) for name, value in request.GET.items()}
    form = draw_result_form(contact, given, by=by, now=now)
    context = {
        "contact": contact,
        "form": form,
        "callback": work.promised_call(contact, form, given, now),
        "form_url": request.path,
        "next_label": given.get("next_label", ""),
        "is_part": True,
        "with_results": "all" in given,
    }
    return render(request, "desk/_result_form.html", context)


@needs(WRITE)
@require_GET
def hours(request: HttpRequest, interaction_id: UUID) -> HttpResponse:
    """What a time is for the customer, and whether he may be called then; asked while one chooses."""
    by = person_of(request)
    contact = get_interaction(interaction_id, by=by)
    given = {name: str(value) for name, value in request.GET.items()}
    return render(request, "desk/_callback_hours.html", {"callback": work.callback_of(contact, given, clock.now())})


@say("interactions.note_too_long")
def _too_long(error: PerezvonError) -> str:
    return _("A note holds {limit} characters, this one has {length}. Shorten it.").format(**error.facts)


@say("interactions.result_refused")
def _refused(error: PerezvonError) -> str:
    facts: dict[str, str] = {name: str(value) for name, value in error.facts.items()}
    if facts["words"]:
        return facts["words"]
    if facts["field"] in {"result", "reason"}:
        return _("This result or reason is not for this contact. Choose another one.")
    return _("What was filled in does not go with this result.")

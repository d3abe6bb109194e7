"""The board: what everybody should know, and for its authors, who knows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perezvon.foundation import clock
from perezvon.foundation.fields.web.small_forms import draw
from perezvon.foundation.files.selectors import VIEW as FILES
from perezvon.foundation.files.web.section import section as files_section
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import is_swap, render_page
from perezvon.foundation.web.words import say
from perezvon.kernel.errors import PerezvonError
from perezvon.modules.bulletin import services
from perezvon.modules.bulletin.models import Announcement, Kind, Stage
from perezvon.modules.bulletin.selectors import (
    POST,
    VIEW,
    get_announcement,
    list_current,
    list_posted,
    list_urgent,
    reading_of,
)
from perezvon.modules.bulletin.web import form

PANEL_SHOWS = 5


@needs(VIEW)
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """All that this person is told now: news beside the instructions."""
    by, now = person_of(request), clock.now()
    current = list_current(by=by, now=now)
    sections = sorted(
        (one for one in current if one.kind == Kind.INSTRUCTION), key=lambda one: (one.section, one.title)
    )
    context = {
        "news": _rows([one for one in current if one.kind == Kind.NEWS]),
        "sections": [
            {"title": title, "rows": list(rows)} for title, rows in groupby(sections, key=lambda one: one.section)
        ],
        "may_post": by.may(POST),
        "now": now,
    }
    return render_page(request, "bulletin/board.html", context, part="workspace")


@needs(VIEW)
@require_GET
def panel(request: HttpRequest) -> HttpResponse:
    """What stands beside the desk between calls: the newest ones, those not read yet first."""
    return _panel(request)


@needs(VIEW)
@require_GET
def strip(request: HttpRequest) -> HttpResponse:
    """What stands above the work until it is read; nothing most of the time."""
    return _strip(request)


def _panel(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    news = list_current(by=person_of(request), now=now, kind=Kind.NEWS)
    news.sort(key=lambda one: not (one.asks_to_be_read and not _is_read(one)))
    context = {"news": _rows(news[:PANEL_SHOWS]), "more": max(len(news) - PANEL_SHOWS, 0), "now": now}
    return render(request, "bulletin/panel.html", context)


def _strip(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    return render(
        request, "bulletin/strip.html", {"news": _rows(list_urgent(by=person_of(request), now=now)), "now": now}
    )


@needs(VIEW)
@require_GET
def announcement(request: HttpRequest, announcement_id: UUID) -> HttpResponse:
    """One of them, with its files; for its authors, who has read it."""
    by, now = person_of(request), clock.now()
    one = get_announcement(announcement_id, by=by, now=now)
    is_author = list_posted(by=by).filter(pk=one.pk).exists()
    has_files = by.may(FILES) and (is_author or one.stage == Stage.SHOWN)
    context = {
        "one": one,
        "row": _row(one),
        "steps": _steps(one.title),
        "audience": form.audience_words(one) if is_author else "",
        "edit_url": reverse("bulletin:edit", args=[one.pk]) if is_author else "",
        "reading": reading_of(one, by=by) if is_author and one.asks_to_be_read else None,
        "files": files_section("announcement", one.pk, by=by, now=now) if has_files else None,
        "saved": "saved" in request.GET,
        "now": now,
    }
    return render_page(request, "bulletin/announcement.html", context, part="workspace")


@needs(VIEW)
@require_POST
def read(request: HttpRequest, announcement_id: UUID) -> HttpResponse:
    """I have read it. Answers with the place it was said in: the panel, the strip or the page."""
    services.mark_read(announcement_id=announcement_id, by=person_of(request), now=clock.now())
    places = {"panel": _panel, "strip": _strip}
    place = places.get(request.GET.get("in", ""))
    if place and is_swap(request):
        return place(request)
    return HttpResponseRedirect(reverse("bulletin:announcement", args=[announcement_id]))


@needs(POST)
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, announcement_id: UUID | None = None) -> HttpResponse:
    """A new one, or one that is there."""
    by, now = person_of(request), clock.now()
    known = get_announcement(announcement_id, by=by, now=now) if announcement_id else None
    page = form.page_of(known, by, _steps(known.title if known else _("New announcement")))
    if request.method != "POST":
        return draw(request, page, form.first_values(known, request.GET.get("kind", Kind.NEWS)), {})
    given = form.given_of(request.POST)
    errors: dict[str, str] = {}
    wanted = form.wanted_of(given, errors)
    saved = None if errors else _save(known, wanted, given, errors, request)
    if saved is None:
        return draw(request, page, given, errors)
    return HttpResponseRedirect(f"{reverse('bulletin:announcement', args=[saved.pk])}?saved")


def _save(
    known: Announcement | None,
    wanted: services.Wanted,
    given: Mapping[str, str],
    errors: dict[str, str],
    request: HttpRequest,
) -> Announcement | None:
    by, now = person_of(request), clock.now()
    try:
        if known is None:
            return services.post(wanted=wanted, by=by, now=now)
        version, again = int(given.get("version", "0") or 0), bool(given.get("read_again"))
        return services.change(
            announcement_id=known.pk, version=version, wanted=wanted, read_again=again, by=by, now=now
        )
    except services.FieldsWrong as wrong:
        errors |= form.words_of(wrong)
        return None


def _steps(title: str) -> list[dict[str, str]]:
    return [{"label": _("Announcements"), "url": reverse("bulletin:board")}, {"label": title, "url": ""}]


def _is_read(one: Announcement) -> bool:
    return bool(getattr(one, "is_read", False))


def _rows(found: Sequence[Announcement]) -> list[dict[str, Any]]:
    return [_row(one) for one in found]


def _row(one: Announcement) -> dict[str, Any]:
    """As bulletin/_news.html takes it."""
    waits = one.asks_to_be_read and not _is_read(one)
    return {
        "title": one.title,
        "text": one.text,
        "at": one.shown_from,
        "important": one.asks_to_be_read,
        "urgent": one.importance == "urgent",
        "is_read": _is_read(one),
        "url": reverse("bulletin:announcement", args=[one.pk]),
        "read_url": reverse("bulletin:read", args=[one.pk]) if waits else "",
    }


@say("bulletin.changed")
def _changed(_error: PerezvonError) -> str:
    return _("Somebody else has changed it meanwhile. Open it again to see how it reads now.")


@say("bulletin.no_such_announcement")
def _no_such(_error: PerezvonError) -> str:
    return _("This announcement is over, or it is not for you.")

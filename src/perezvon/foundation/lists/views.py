"""Pages of every list: itself, its forms, its views, acts on rows, export."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.conditions.forms import conditions_form, is_given
from perezvon.foundation.conditions.terms import Asking
from perezvon.foundation.jobs.selectors import get_own_job, has_file
from perezvon.foundation.jobs.services import results_folder
from perezvon.foundation.lists import services
from perezvon.foundation.lists.asked import Asked, read_asked
from perezvon.foundation.lists.declare import RecordList, get_list
from perezvon.foundation.lists.drawing import draw_columns, draw_list, draw_view_form, list_url
from perezvon.foundation.lists.errors import TooMany, TooSlow, WrongState
from perezvon.foundation.lists.exports import AT_ONCE, file_name, write_file
from perezvon.foundation.lists.forms import is_form, state_of
from perezvon.foundation.lists.models import SavedView
from perezvon.foundation.lists.paging import Listing, ask, count, limited_time, list_page
from perezvon.foundation.lists.selectors import base_for, get_view, list_views
from perezvon.foundation.lists.tables import TYPES
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import is_swap, render_page
from perezvon.foundation.web.words import words_for
from perezvon.kernel.errors import NotFound, PerezvonError, Refused

PAGE = "lists/list.html"
ASKS_ABOVE = 20
LONG_DATES = "look_dates"


def show(request: HttpRequest, *, code: str) -> HttpResponse:
    """The list as its address asks for it. What a form asks for gets an address first."""
    by, of = person_of(request), get_list(code)
    views = list(list_views(code, by=by))
    try:
        asked = _asked(request.GET, request, of, views)
        if is_form(request.GET) and not is_swap(request):
            return HttpResponseRedirect(f"{request.path}?{asked.query}")
        listing = list_page(asked)
    except (WrongState, TooSlow, NotFound) as error:
        return _with_problem(request, of, views, error)
    context = draw_list(asked, listing, views, may_export=by.may("lists.export"))
    return _page(request, context, f"{request.path}?{asked.query}" if asked.query else request.path)


def _page(request: HttpRequest, context: Mapping[str, Any], url: str, status: int = 200) -> HttpResponse:
    response = render_page(request, PAGE, context, part="workspace", status=status)
    if is_swap(request) and url != request.get_full_path():
        response["HX-Push-Url"] = url
    elif is_swap(request):
        response["HX-Push-Url"] = request.get_full_path()
    return response


def _with_problem(
    request: HttpRequest, of: RecordList, views: Sequence[SavedView], error: PerezvonError
) -> HttpResponse:
    """What is wrong, in words, where the rows would be."""
    asked = read_asked({}, of, _asking(request))
    context = draw_list(asked, Listing(), views, may_export=False)
    context |= {"problem": words_for(error), "asked_in_vain": True}
    # A swap of a refused page would be dropped by the browser; the words stand where they belong, so it is shown.
    return _page(request, context, request.get_full_path(), status=200 if is_swap(request) else error.http_status)


def _asking(request: HttpRequest) -> Asking:
    return Asking(person_of(request), clock.now(), request.COOKIES.get(LONG_DATES) == "long")


def _asked(given: QueryDict, request: HttpRequest, of: RecordList, views: list[SavedView]) -> Asked:
    base = base_for(of, given, views, by=person_of(request))
    return read_asked(state_of(given), of, _asking(request), base)


def _asked_by(request: HttpRequest, of: RecordList) -> Asked:
    """The list that a form beside it is about: `state` holds the query of its address."""
    given = QueryDict(request.POST.get("state", "") if request.method == "POST" else request.META["QUERY_STRING"])
    return _asked(given, request, of, list(list_views(of.code, by=person_of(request))))


# --- forms ---


def edit_filter(request: HttpRequest, *, code: str) -> HttpResponse:
    """The form of the filter, after one edit."""
    of = get_list(code)
    if not is_swap(request):
        return HttpResponseRedirect(f"{list_url(of)}?{request.META['QUERY_STRING']}")
    kept = QueryDict(request.GET.get("state", "")) if is_given(request.GET) else request.GET
    asked = _asked(kept, request, of, list(list_views(code, by=person_of(request))))
    form = conditions_form(request.GET, asked.where, asked.columns, asked.asking)
    context = {"list": of, "form": form, "state": asked.with_(where=""), "list_url": list_url(of)}
    return render(request, "lists/_filter.html", {**context, "filter_url": list_url(of, "filter")})


def choose_columns(request: HttpRequest, *, code: str) -> HttpResponse:
    of = get_list(code)
    if not is_swap(request):
        return HttpResponseRedirect(f"{list_url(of)}?{request.META['QUERY_STRING']}")
    asked = _asked_by(request, of)
    context = {"list": of, "columns": draw_columns(asked), "state": asked.with_(cols=""), "list_url": list_url(of)}
    return render(request, "lists/_columns.html", context)


# --- views ---


def save_view(request: HttpRequest, *, code: str) -> HttpResponse:
    """GET: the form for a new view of what is seen, or with `edit` for the one in use. POST: keep it."""
    by, of, now = person_of(request), get_list(code), clock.now()
    asked = _asked_by(request, of)
    if request.method != "POST":
        view = get_view(asked.view_id, by=by) if "edit" in request.GET and asked.view_id else None
        return render(request, "lists/_view.html", draw_view_form(asked, view, by=by))
    given = request.POST
    view_id = int(given["view_id"]) if given.get("view_id", "").isdecimal() else None
    try:
        view = services.save_view(
            list_id=code, name=given.get("name", ""), state=asked.kept, view_id=view_id, by=by, now=now
        )
    except PerezvonError as error:
        context = draw_view_form(asked, None, by=by) | {"name": given.get("name", ""), "problem": words_for(error)}
        return render(request, "lists/_view.html", context, status=error.http_status)
    _set_up(view, given, by, now)
    return _show_again(request, of, f"view={view.pk}", _("The view “{name}” is saved.").format(name=view.name))


def _set_up(view: SavedView, given: QueryDict, by: Person, now: datetime) -> None:
    """What the form says beyond name and state."""
    if bool(given.get("is_default")) != view.is_default:
        services.set_default_view(
            list_id=view.list, view_id=view.pk if given.get("is_default") else None, by=by, now=now
        )
    if by.may("lists.share_views") and "shares" in given:
        roles = [int(role) for role in given.getlist("roles") if role.isdecimal()]
        services.share_view(view_id=view.pk, is_shared=bool(given.get("is_shared")), role_ids=roles, by=by, now=now)


def update_view(request: HttpRequest, *, code: str, view_id: int) -> HttpResponse:
    """Keep under the same name what is seen now."""
    by, of = person_of(request), get_list(code)
    asked = _asked_by(request, of)
    view = get_view(view_id, by=by)
    services.save_view(list_id=code, name=view.name, state=asked.kept, view_id=view_id, by=by, now=clock.now())
    return _show_again(request, of, f"view={view_id}", _("The view “{name}” is saved.").format(name=view.name))


def delete_view(request: HttpRequest, *, code: str, view_id: int) -> HttpResponse:
    services.delete_view(view_id=view_id, by=person_of(request), now=clock.now())
    return _show_again(request, get_list(code), "", _("The view is deleted."))


# --- many rows at once ---


def bulk(request: HttpRequest, *, code: str, action: str) -> HttpResponse:
    """Do something with the chosen rows; with more than ASKS_ABOVE of them it asks once more."""
    try:
        return _bulk(request, code, action)
    except Refused as refused:
        if not is_swap(request):
            raise
        # The answer's place is a dialog, which there is none of: the words come as a message.
        response = HttpResponse(status=204)
        response["HX-Trigger"] = json.dumps({"toast": {"text": words_for(refused), "tone": "bad"}})
        return response


def _bulk(request: HttpRequest, code: str, action: str) -> HttpResponse:
    by, of, now = person_of(request), get_list(code), clock.now()
    act = services.act_of(code, action)
    by.must(act.right)
    asked = _asked_by(request, of)
    keys = _chosen(request.POST, asked)
    if len(keys) > ASKS_ABOVE and "confirmed" not in request.POST:
        context = {
            "list": of,
            "act": act,
            "count": len(keys),
            "url": request.path,
            "state": request.POST.get("state", ""),
            "all": request.POST.get("all", ""),
            "keys": request.POST.getlist("key"),
        }
        template = "lists/_confirm.html" if is_swap(request) else "lists/confirm.html"
        return render(request, template, context)
    run = services.run_bulk(list_id=code, action_id=action, keys=keys, by=by, now=now)
    undo = {"label": _("Undo"), "url": list_url(of, "undo", run.pk)} if act.undo and run.keys else None
    return _show_again(request, of, asked.query, act.done(len(run.keys)), undo)


def _chosen(given: QueryDict, asked: Asked) -> list[Any]:
    """The keys ticked, or all that are found; of rows that this person sees. Raises TooMany."""
    with limited_time():
        rows = ask(asked).rows
        if not given.get("all"):
            try:
                ticked = [asked.of.key_of(text) for text in given.getlist("key")[: services.AT_ONCE + 1]]
            except ValueError:
                raise WrongState(part="page") from None
            rows = rows.filter(**{f"{asked.of.key}__in": ticked})
        keys = list(rows.values_list(asked.of.key, flat=True)[: services.AT_ONCE + 1])
    if len(keys) > services.AT_ONCE:
        raise TooMany(most=services.AT_ONCE)
    return keys


def undo(request: HttpRequest, *, code: str, run_id: UUID) -> HttpResponse:
    count_undone = services.undo_bulk(run_id=run_id, by=person_of(request), now=clock.now())
    words = _("Undone: {count}").format(count=count_undone)
    return _show_again(request, get_list(code), None, words)


def _show_again(
    request: HttpRequest, of: RecordList, query: str | None, words: str, act: Mapping[str, str] | None = None
) -> HttpResponse:
    """The list anew, with a message. query: of its address; None for the one it has."""
    url = None if query is None else f"{list_url(of)}?{query}" if query else list_url(of)
    if not is_swap(request):
        return HttpResponseRedirect(url or list_url(of))
    toast = {"text": words, "tone": "good"} | ({"act": act} if act else {})
    response = HttpResponse(status=204)
    # ASCII, because it is a header.
    response["HX-Trigger"] = json.dumps({"list:show": {"list": f"list-{of.code}", "url": url}, "toast": toast})
    return response


# --- export ---


def export(request: HttpRequest, *, code: str) -> HttpResponse:
    """Up to AT_ONCE rows at once as a download; more as a job, whose progress is shown."""
    by, of, now = person_of(request), get_list(code), clock.now()
    by.must("lists.export")
    form = request.POST.get("format", "")
    if form not in services.FORMATS:
        raise WrongState(part="page")
    asked = _asked_by(request, of)
    with limited_time():
        question = ask(asked)
        total = question.total or count(question.rows)
        if total.is_exact and total.count <= AT_ONCE:
            return _download(asked, form, by)
    job = services.ask_for_export(list_id=code, format_id=form, asked=asked, by=by, now=now)
    if is_swap(request):
        return render(
            request, "lists/_export.html", {"job": job, "has_file": False, "files_url": reverse("lists:files")}
        )
    return HttpResponseRedirect(reverse("jobs:progress", args=[job.pk]))


def _download(asked: Asked, form: str, by: Person) -> HttpResponse:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list"
        rows = write_file(path, form, asked, made_by=by.name)
        content = path.read_bytes()
    services.note_export(list_id=asked.of.code, format_id=form, rows=rows, by=by, now=asked.asking.now)
    response = HttpResponse(content, content_type=TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="{file_name(asked, form)}"'
    response["Cache-Control"] = "private, no-store"
    return response


@needs("lists.export")
@require_GET
def file(request: HttpRequest, job_id: UUID) -> FileResponse:
    """A file that a job has made, to who asked for it. Each time is written down."""
    by, now = person_of(request), clock.now()
    job = get_own_job(job_id, by=by)
    path = results_folder() / job.result.get("file", "-")
    if not has_file(job, now) or not path.exists():
        raise NotFound(job=job_id)
    services.note_download(job_id=job_id, by=by, now=now)
    response = FileResponse(path.open("rb"), content_type=TYPES[job.facts["format"]])
    response["Content-Disposition"] = f'attachment; filename="{job.result["name"]}"'
    response["Cache-Control"] = "private, no-store"
    return response

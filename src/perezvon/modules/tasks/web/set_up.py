"""What an administrator sets up: the stages of contacts, and the actions that lead from one to the next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from perezvon.foundation import clock
from perezvon.foundation.people.models import Project
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import NotFound
from perezvon.modules.tasks import services
from perezvon.modules.tasks.models import OPEN, ActionKind, Kind, Stage
from perezvon.modules.tasks.selectors import SET_UP, column_limits
from perezvon.modules.tasks.services import TaskWrong, WantedAction, WantedStage
from perezvon.modules.tasks.web.board import COLUMNS
from perezvon.modules.tasks.web.views import number_of
from perezvon.modules.tasks.web.words import problem_words

LANGUAGES = ("ru", "en")
_UNPROCESSABLE = 422
type Row = Stage | ActionKind


@needs(SET_UP)
@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """Both lists and one form: ?stage or ?action names what is changed, "new" what is added."""
    if request.method == "GET":
        return _page(request, {})
    put = {"stage": _put_stage, "limits": _put_limits}.get(request.POST.get("what", ""), _put_action)
    try:
        put(request)
    except TaskWrong as wrong:
        problems: Mapping[str, Wrong] = wrong.facts["problems"]  # type: ignore[assignment]
        return _page(request, {name: problem_words(one) for name, one in problems.items()}, _UNPROCESSABLE)
    return HttpResponseRedirect(f"{reverse('tasks:set_up')}?saved")


def _put_stage(request: HttpRequest) -> None:
    given = request.POST
    wanted = WantedStage(
        _name(request),
        number_of(given.get("position", "")) or 0,
        "is_final" in given,
        "is_active" in given,
        number_of(given.get("project", "")),
    )
    code = given.get("code", "").strip()
    services.put_stage(code=code, wanted=wanted, version=_version(request), by=person_of(request), now=clock.now())


def _put_action(request: HttpRequest) -> None:
    given = request.POST
    wanted = WantedAction(
        _name(request),
        given.get("kind", ""),
        tuple(given.getlist("from_stages")),
        given.get("to_stage", ""),
        number_of(given.get("usual_minutes", "")) or 0,
        number_of(given.get("position", "")) or 0,
        "is_active" in given,
        number_of(given.get("project", "")),
    )
    code = given.get("code", "").strip()
    services.put_action(code=code, wanted=wanted, version=_version(request), by=person_of(request), now=clock.now())


def _put_limits(request: HttpRequest) -> None:
    """A column that is left empty has no limit."""
    typed = {state: request.POST.get(f"limit_{state}", "").strip() for state in OPEN}
    most = {str(state): number_of(text) or 0 for state, text in typed.items() if text}
    services.put_limits(most=most, by=person_of(request), now=clock.now())


def _limits(request: HttpRequest, errors: Mapping[str, str]) -> list[dict[str, str]]:
    """Fields as ui/input.html takes them."""
    known = column_limits()
    return [
        {
            "name": f"limit_{state}",
            "label": str(COLUMNS[state]),
            "value": request.POST.get(f"limit_{state}", str(known.get(state, ""))),
            "error": errors.get(f"limit_{state}", ""),
        }
        for state in OPEN
    ]


def _name(request: HttpRequest) -> dict[str, str]:
    return {language: request.POST.get(f"name_{language}", "") for language in LANGUAGES}


def _version(request: HttpRequest) -> int | None:
    return number_of(request.POST.get("version", ""))


def _page(request: HttpRequest, errors: Mapping[str, str], status: int = 200) -> HttpResponse:
    stages = list(Stage.objects.select_related("project"))
    names = {stage.code: str(stage) for stage in stages}
    actions = list(ActionKind.objects.select_related("project", "to_stage"))
    context = {
        "stages": stages,
        "actions": [
            {"action": one, "from_stages": [names.get(code, code) for code in one.from_stages]} for one in actions
        ],
        "form": _form(request, stages, actions),
        "limits": _limits(request, errors),
        "errors": errors,
        "saved": "saved" in request.GET,
    }
    return render_page(request, "tasks/set_up.html", context, part="workspace", status=status)


def _form(request: HttpRequest, stages: list[Stage], actions: list[ActionKind]) -> dict[str, Any] | None:
    """What was typed in an attempt that was refused, else what there is."""
    typed = request.POST if request.method == "POST" else None
    asked = request.GET
    what = (typed.get("what", "") if typed else "") or (
        "stage" if "stage" in asked else "action" if "action" in asked else ""
    )
    if what not in {"stage", "action"}:
        return None
    code = typed.get("code", "") if typed else asked.get(what, "")
    rows: list[Row] = [*stages] if what == "stage" else [*actions]
    row = next((one for one in rows if one.code == code), None) if not typed or typed.get("version") else None
    if not typed and row is None and code != "new":
        raise NotFound(code=code)
    values = _typed(request) if typed else _values(row)
    return {
        "what": what,
        "title": _titles(what, row is not None),
        "row": row,
        "code": code if typed or row else "",
        "values": values,
        "kinds": Kind.choices,
        "stages": [(stage.code, str(stage), stage.code in values["from_stages"]) for stage in stages],
        "projects": [(str(one.pk), str(one)) for one in Project.objects.order_by("number")],
    }


def _titles(what: str, is_known: bool) -> str:
    if what == "stage":
        return _("Change the stage") if is_known else _("A new stage")
    return _("Change the action") if is_known else _("A new action")


def _values(row: Row | None) -> dict[str, Any]:
    action = row if isinstance(row, ActionKind) else None
    return {
        "name_ru": row.name.get("ru", "") if row else "",
        "name_en": row.name.get("en", "") if row else "",
        "position": str(row.position) if row else "0",
        "project": str(row.project_id or "") if row else "",
        "is_active": row.is_active if row else True,
        "is_final": row.is_final if isinstance(row, Stage) else False,
        "kind": action.kind if action else Kind.TODO,
        "from_stages": list(action.from_stages) if action else [],
        "to_stage": action.to_stage.code if action and action.to_stage else "",
        "usual_minutes": str(action.usual_minutes) if action else "480",
    }


def _typed(request: HttpRequest) -> dict[str, Any]:
    given = request.POST
    names = ("name_ru", "name_en", "position", "project", "kind", "to_stage", "usual_minutes")
    return {name: given.get(name, "") for name in names} | {
        "from_stages": given.getlist("from_stages"),
        "is_active": "is_active" in given,
        "is_final": "is_final" in given,
    }

"""The layout editor: what a card shows, where and to whom (F01.01)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perezvon.foundation import clock
from perezvon.foundation.people.models import Project, Role
from perezvon.foundation.records import services
from perezvon.foundation.records.arrangement import FIRST, HIDDEN, Tab, arranged, place_of, tabs_of, usual
from perezvon.foundation.records.models import CardLayout
from perezvon.foundation.records.registry import ZONES, Card, Slot, card_of, cards
from perezvon.foundation.records.selectors import get_layout, list_layouts
from perezvon.foundation.records.services import LayoutWrong, Wanted
from perezvon.foundation.records.words import problem_words
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.kernel.checks import Wrong

ARRANGE = "records.arrange"
LANGUAGES = ("ru", "en")
ZONE_WORDS = {"top": lazy("Across the top"), "side": lazy("At the left"), "main": lazy("In the middle")}
_UNPROCESSABLE = 422
_FREE_TABS = 2  # empty lines for new tabs


@needs(ARRANGE)
@require_GET
def layouts(request: HttpRequest) -> HttpResponse:
    """All layouts of a kind of cards."""
    card = _card(request.GET.get("kind", ""))
    variants = dict(card.variants)
    rows = [
        {
            "layout": layout,
            "variant": variants.get(layout.variant, ""),
            "tabs": [tab.label for tab in tabs_of(layout.arrangement, card.slots())],
        }
        for layout in list_layouts(card.kind)
    ]
    context = {"card": card, "cards": cards(), "rows": rows}
    return render_page(request, "records/layouts.html", context, part="workspace")


@needs(ARRANGE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new layout, beginning with how the modules themselves place their sections, or with a copy of `like`."""
    card = _card((request.POST if request.method == "POST" else request.GET).get("kind", ""))
    if request.method == "GET":
        like = request.GET.get("like", "")
        begun = get_layout(int(like)).arrangement if like.isdecimal() else usual(card.slots())
        return _form(request, card, None, Wanted({}, begun), {})
    wanted, code = _typed(request.POST, card), request.POST.get("code", "").strip()
    if "look" in request.POST:
        return _form(request, card, None, wanted, {})
    try:
        services.add_layout(kind=card.kind, code=code, wanted=wanted, by=person_of(request), now=clock.now())
    except LayoutWrong as wrong:
        return _form(request, card, None, wanted, _problems(wrong), _UNPROCESSABLE)
    return HttpResponseRedirect(_url(card.kind))


@needs(ARRANGE)
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, layout_id: int) -> HttpResponse:
    """Another arrangement; "look" shows it without saving."""
    layout = get_layout(layout_id)
    card = card_of(layout.kind)
    if request.method == "GET":
        return _form(request, card, layout, _wanted(layout), {})
    wanted, version = _typed(request.POST, card), request.POST.get("version", "")
    if "look" in request.POST:
        return _form(request, card, layout, wanted, {})
    try:
        services.change_layout(
            layout_id=layout_id,
            version=int(version) if version.isdecimal() else 0,
            wanted=wanted,
            by=person_of(request),
            now=clock.now(),
        )
    except LayoutWrong as wrong:
        return _form(request, card, layout, wanted, _problems(wrong), _UNPROCESSABLE)
    return HttpResponseRedirect(_url(card.kind))


@needs(ARRANGE)
@require_POST
def switch(request: HttpRequest, layout_id: int) -> HttpResponse:
    """Out of use, or with `on` into use."""
    in_use = "on" in request.POST
    layout = services.switch_layout(layout_id=layout_id, in_use=in_use, by=person_of(request), now=clock.now())
    return HttpResponseRedirect(_url(layout.kind))


# --- the form ---


def _form(
    request: HttpRequest,
    card: Card,
    layout: CardLayout | None,
    wanted: Wanted,
    problems: Mapping[str, Wrong],
    status: int = 200,
) -> HttpResponse:
    slots = card.slots()
    tabs = tabs_of(wanted.arrangement, slots)
    context = {
        "card": card,
        "layout": layout,
        "code": request.POST.get("code", ""),
        "names": [{"code": code, "value": wanted.name.get(code, "")} for code in LANGUAGES],
        "projects": [(project.pk, str(project)) for project in Project.objects.order_by("number")],
        "roles": [(role.code, str(role)) for role in Role.objects.order_by("id")],
        "wanted": wanted,
        "tab_lines": [_tab_line(tab) for tab in tabs] + [_tab_line(None)] * _FREE_TABS,
        "rows": _rows(wanted.arrangement, slots),
        "positions": [(f"{tab.code}:{zone}", f"{tab.label}: {ZONE_WORDS[zone]}") for tab in tabs for zone in ZONES],
        "preview": _preview(wanted.arrangement, slots),
        "errors": {what: problem_words(wrong) for what, wrong in problems.items()},
        "version": request.POST.get("version", layout.version if layout else ""),
        "list_url": _url(card.kind),
    }
    return render_page(request, "records/layout.html", context, part="workspace", status=status)


def _tab_line(tab: Tab | None) -> dict[str, str]:
    if tab is None:
        return {"code": "", "ru": "", "en": ""}
    return {"code": tab.code, "ru": tab.labels.get("ru", ""), "en": tab.labels.get("en", "")}


def _rows(arrangement: Mapping[str, Any], slots: Sequence[Slot]) -> list[dict[str, Any]]:
    """A line for each section, in the order of the card."""
    places = place_of(arrangement, slots)
    tabs = [tab.code for tab in tabs_of(arrangement, slots)] + [""]
    zones = [*ZONES, HIDDEN]
    rows = [
        {
            "slot": slot,
            "place": HIDDEN if places[slot.code][1] == HIDDEN else ":".join(places[slot.code][:2]),
            "number": places[slot.code][2],
            "order": (tabs.index(places[slot.code][0]), zones.index(places[slot.code][1]), places[slot.code][2]),
        }
        for slot in slots
    ]
    return sorted(rows, key=lambda row: row["order"])


def _preview(arrangement: Mapping[str, Any], slots: Sequence[Slot]) -> list[dict[str, Any]]:
    labels = {slot.code: slot.label for slot in slots}
    return [
        {"label": tab.label, **{zone: [labels[code] for code in tab.zones[zone]] for zone in ZONES}}
        for tab in tabs_of(arrangement, slots)
    ]


def _typed(posted: QueryDict, card: Card) -> Wanted:
    codes, ru, en = (posted.getlist(f"tab_{name}") for name in ("code", "ru", "en"))
    tabs = [
        (code.strip(), {"ru": in_russian.strip(), "en": in_english.strip()})
        for code, in_russian, in_english in zip(codes, ru, en, strict=False)
        if code.strip()
    ]
    known = {code for code, _ in tabs}
    places = {slot.code: _place(posted, slot.code, known, tabs[0][0] if tabs else FIRST) for slot in card.slots()}
    project = posted.get("project", "")
    return Wanted(
        name={code: posted.get(f"name_{code}", "") for code in LANGUAGES},
        arrangement=arranged(tabs, places),
        project_id=int(project) if project.isdecimal() else None,
        role=posted.get("role", ""),
        variant=posted.get("variant", ""),
    )


def _place(posted: QueryDict, code: str, tabs: set[str], first: str) -> tuple[str, str, int]:
    """A section whose tab was taken away goes to the first one."""
    place, number = posted.get(f"place_{code}", ""), posted.get(f"number_{code}", "")
    order = int(number) if number.isdecimal() and len(number) < 5 else 99
    tab, _, zone = place.partition(":")
    if place == HIDDEN:
        return "", HIDDEN, order
    return (tab if tab in tabs else first), (zone if zone in ZONES else ZONES[-1]), order


def _wanted(layout: CardLayout) -> Wanted:
    role = layout.role.code if layout.role else ""
    return Wanted(layout.name, layout.arrangement, layout.project_id, role, layout.variant)


def _card(kind: str) -> Card:
    return card_of(kind) if kind else cards()[0]


def _url(kind: str) -> str:
    return f"{reverse('records:layouts')}?kind={kind}"


def _problems(wrong: LayoutWrong) -> Mapping[str, Wrong]:
    return wrong.facts["problems"]  # type: ignore[return-value]

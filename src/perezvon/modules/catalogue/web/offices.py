"""The administrator's pages of offices: regions, settlements in them, offices there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from zoneinfo import available_timezones

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perezvon.foundation import clock
from perezvon.foundation.access import Actor
from perezvon.foundation.fields.own import typed_in
from perezvon.foundation.fields.selectors import fields_of
from perezvon.foundation.fields.web.small_forms import Asked, FormPage, typed_key
from perezvon.foundation.people.selectors import list_projects
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.modules.catalogue import services
from perezvon.modules.catalogue.models import OFFICE, Office, Place, Region, Settlement
from perezvon.modules.catalogue.selectors import NoSuchPlace, known_offices, office_tree
from perezvon.modules.catalogue.web.forms import (
    answer,
    asked_code,
    asked_names,
    names,
    own_facts,
    own_groups,
    typed_names,
    typed_own,
)

EDIT = "catalogue.edit"
_ADDRESS = {"ru": lazy("Address in Russian"), "en": lazy("Address in English")}
_HOURS = {"ru": lazy("Hours in Russian"), "en": lazy("Hours in English")}


@needs(EDIT)
@require_GET
def offices(request: HttpRequest) -> HttpResponse:
    """Regions, their settlements and offices."""
    by = person_of(request)
    context = {
        "regions": office_tree(by=by),
        "saved": "saved" in request.GET,
        "may_import": by.may("imports.use"),
    }
    return render_page(request, "catalogue/offices.html", context, part="workspace")


def _page(title: str, group: str, known: Place | None, *asked: Asked) -> FormPage:
    home = reverse("catalogue:offices")
    return FormPage(
        title=title,
        group=group,
        submit=_("Save"),
        back_url=home,
        steps=[
            {"label": _("Administration"), "url": reverse("administration:home")},
            {"label": _("Offices"), "url": home},
            {"label": title, "url": ""},
        ],
        asked=(*(() if known else (asked_code(),)), *asked_names(), *asked),
        hidden={"version": str(known.version if known else 0)},
    )


def _wanted(given: Mapping[str, str]) -> services.PlaceWanted:
    return services.PlaceWanted(given.get("code", "").strip().lower(), typed_names(given))


def _version(given: Mapping[str, str]) -> int:
    return typed_key(given, "version") or 0


@needs(EDIT)
@require_http_methods(["GET", "POST"])
def region(request: HttpRequest, region_id: int | None = None) -> HttpResponse:
    """One region, or a new one."""
    by, now = person_of(request), clock.now()
    known = _known(Region.objects.all(), region_id)

    def save(given: Mapping[str, str], _errors: dict[str, str]) -> object:
        return services.save_region(region_id=region_id, version=_version(given), wanted=_wanted(given), by=by, now=now)

    page = _page(str(known or _("New region")), _("Region"), known)
    return answer(request, page, names(known.name if known else {}), save)


@needs(EDIT)
@require_http_methods(["GET", "POST"])
def settlement(request: HttpRequest, settlement_id: int | None = None) -> HttpResponse:
    """One settlement, or a new one of the region that `region` in the address names."""
    by, now = person_of(request), clock.now()
    known = _known(Settlement.objects.all(), settlement_id)
    regions = [(str(one.pk), str(one)) for one in Region.objects.all()]

    def save(given: Mapping[str, str], _errors: dict[str, str]) -> object:
        return services.save_settlement(
            settlement_id=settlement_id,
            version=_version(given),
            region_id=typed_key(given, "region") or 0,
            wanted=_wanted(given),
            by=by,
            now=now,
        )

    asked = Asked("region", "choice", regions, label=_("Region"), required=True)
    page = _page(str(known or _("New settlement")), _("Settlement"), known, asked)
    first = {"region": str(known.region_id) if known else request.GET.get("region", "")}
    return answer(request, page, first | names(known.name if known else {}), save)


@needs(EDIT)
@require_http_methods(["GET", "POST"])
def office(request: HttpRequest, office_id: int | None = None) -> HttpResponse:
    """One office, or a new one of the settlement that `settlement` in the address names."""
    by, now = person_of(request), clock.now()
    known, own = _known(known_offices(by=by), office_id), fields_of(OFFICE, by)

    def save(given: Mapping[str, str], _errors: dict[str, str]) -> object:
        wanted = _typed_office(given, typed_own(request, own))
        return services.save_office(office_id=office_id, version=_version(given), wanted=wanted, by=by, now=now)

    page = _page(str(known or _("New office")), _("Office"), known, *_asked_of_office(by))
    page = replace(page, more=own_groups(own), facts=own_facts(own, known.custom) if known else ())
    first = {"settlement": request.GET.get("settlement", ""), "zone": settings.TIME_ZONE}
    return answer(request, page, _values(known) | typed_in(known, by) if known else first, save)


def _asked_of_office(by: Actor) -> tuple[Asked, ...]:
    settlements = Settlement.objects.select_related("region").order_by("region__position", "position", "id")
    zones = [(zone, zone) for zone in sorted(available_timezones()) if "/" in zone and not zone.startswith("Etc/")]
    projects = [("", _("all projects")), *((str(one.pk), str(one)) for one in list_projects(by=by))]
    return (
        Asked(
            "settlement",
            "choice",
            [(str(one.pk), f"{one.region}, {one}") for one in settlements],
            label=_("Settlement"),
            required=True,
        ),
        *(Asked(f"address_{code}", label=label, required=code == "ru", wide=True) for code, label in _ADDRESS.items()),
        *(Asked(f"hours_{code}", label=label, wide=True) for code, label in _HOURS.items()),
        Asked("landmarks", label=_("Landmarks"), wide=True, hint=_("Metro, what is near: it is found by these words.")),
        Asked("phone", label=_("Phone")),
        Asked("zone", "choice", zones, label=_("Time zone"), required=True),
        Asked("project", "choice", projects, label=_("Project")),
    )


def _typed_office(given: Mapping[str, str], own: Mapping[str, str]) -> services.OfficeWanted:
    return services.OfficeWanted(
        code=given.get("code", "").strip().lower(),
        name=typed_names(given),
        settlement_id=typed_key(given, "settlement") or 0,
        zone=given.get("zone", ""),
        address={code: given.get(f"address_{code}", "") for code in _ADDRESS},
        hours={code: given.get(f"hours_{code}", "") for code in _HOURS},
        landmarks=given.get("landmarks", ""),
        phone=given.get("phone", ""),
        project_id=typed_key(given, "project"),
        custom=own,
    )


def _values(known: Office) -> dict[str, str]:
    return {
        **names(known.name),
        **{f"address_{code}": known.address.get(code, "") for code in _ADDRESS},
        **{f"hours_{code}": known.hours.get(code, "") for code in _HOURS},
        "settlement": str(known.settlement_id),
        "landmarks": known.landmarks,
        "phone": known.phone,
        "zone": known.zone,
        "project": str(known.project_id or ""),
    }


def _known[P: Place](places: QuerySet[P], place_id: int | None) -> P | None:
    """None for a new one."""
    if place_id is None:
        return None
    place = places.filter(pk=place_id).first()
    if place is None:
        raise NoSuchPlace(place=place_id)
    return place


type Switch = Callable[[int, bool, Actor], None]

_SWITCHES: dict[str, Switch] = {
    "region": lambda key, on, by: services.switch_region(region_id=key, is_active=on, by=by, now=clock.now()),
    "settlement": lambda key, on, by: services.switch_settlement(
        settlement_id=key, is_active=on, by=by, now=clock.now()
    ),
    "office": lambda key, on, by: services.switch_office(office_id=key, is_active=on, by=by, now=clock.now()),
}


@needs(EDIT)
@require_POST
def switch(request: HttpRequest, level: str, place_id: int) -> HttpResponse:
    """Take it out of use with all that is in it, or bring it back."""
    if level not in _SWITCHES:
        raise NoSuchPlace(place=place_id)
    _SWITCHES[level](place_id, "back" in request.POST, person_of(request))
    return HttpResponseRedirect(f"{reverse('catalogue:offices')}?saved")

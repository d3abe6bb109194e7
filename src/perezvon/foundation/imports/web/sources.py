"""Sources whose tables are known: where they come from by themselves, how often, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.imports import services
from perezvon.foundation.imports.fetching import watched_folder
from perezvon.foundation.imports.lists import imports_url
from perezvon.foundation.imports.models import Every, Origin, Profile
from perezvon.foundation.imports.registry import importable, importables
from perezvon.foundation.imports.services import ProfileWrong, Schedule
from perezvon.foundation.imports.web.wizard import USE, page
from perezvon.foundation.imports.web.words import file_problem
from perezvon.foundation.web.guard import needs, person_of


@needs(USE)
@require_GET
def sources(request: HttpRequest) -> HttpResponse:
    """All of them, each with its form for those who may change it."""
    return _page(request, {})


@needs("imports.schedule")
@require_POST
def schedule(request: HttpRequest, profile_id: int) -> HttpResponse:
    """Where its tables come from, and how often."""
    asked = Schedule(
        request.POST.get("origin", ""), request.POST.get("place", "").strip(), request.POST.get("every", "")
    )
    try:
        services.schedule_profile(profile_id=profile_id, schedule=asked, by=person_of(request), now=clock.now())
    except ProfileWrong as wrong:
        problems: Mapping[str, str] = wrong.facts["problems"]  # type: ignore[assignment]
        return _page(request, {profile_id: (asked, problems)}, status=422)
    return HttpResponseRedirect(reverse("imports:sources"))


@needs(USE)
@require_POST
def look(request: HttpRequest, profile_id: int) -> HttpResponse:
    """Fetch now."""
    services.look_now(profile_id=profile_id, by=person_of(request), now=clock.now())
    return HttpResponseRedirect(f"{reverse('imports:sources')}?looked={profile_id}")


@needs("imports.schedule")
@require_POST
def delete(request: HttpRequest, profile_id: int) -> HttpResponse:
    """Forget how its tables are read; what was imported stays."""
    services.delete_profile(profile_id=profile_id, by=person_of(request), now=clock.now())
    return HttpResponseRedirect(reverse("imports:sources"))


type Typed = Mapping[int, tuple[Schedule, Mapping[str, str]]]


def _page(request: HttpRequest, typed: Typed, status: int = 200) -> HttpResponse:
    by = person_of(request)
    profiles = Profile.objects.filter(kind__in=[one.code for one in importables(by)]).select_related("owner")
    context = {
        "profiles": [_drawn(one, typed, by, request.GET.get("looked", "")) for one in profiles],
        "origins": Origin.choices,
        "every": [("", _("when asked")), *Every.choices],
        "may_change": by.may("imports.schedule"),
        "folder": watched_folder(),
    }
    return page(request, "imports/sources.html", context, status=status)


def _drawn(one: Profile, typed: Typed, by: Person, looked: str) -> dict[str, Any]:
    asked, problems = typed.get(one.pk, (Schedule(one.origin, one.place, one.every), {}))
    return {
        "profile": one,
        "kind": importable(one.kind).label,
        "asked": asked,
        "place_problem": _("A folder is one name, an address begins with http:// or https:// and holds no password.")
        if "place" in problems
        else "",
        "every_problem": _("Only a folder or an address can be looked at by itself.") if "every" in problems else "",
        "problem": file_problem(one.problem) if one.problem else "",
        "is_fetched": one.origin != Origin.UPLOAD,
        "field_id": f"place-{one.pk}",
        "looked": looked == str(one.pk),
        "runs_url": imports_url(one.pk),
    }

"""The administrator's page of the sources of information."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from perezvon.foundation import clock
from perezvon.foundation.people.selectors import list_projects
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.foundation.web.words import words_for
from perezvon.modules.customers import services
from perezvon.modules.customers.selectors.sources import SETTING
from perezvon.modules.customers.services import FieldsWrong


@needs("customers.sources")
@require_http_methods(["GET", "POST"])
def sources(request: HttpRequest) -> HttpResponse:
    """What may be chosen, project by project, one name a line."""
    if request.method == "GET":
        return _page(request, {}, "")
    project, text = request.POST.get("project", ""), request.POST.get("names", "")
    project_id = int(project) if project.isdecimal() and len(project) < 10 else 0
    try:
        services.set_sources(project_id=project_id, names=text.splitlines(), by=person_of(request), now=clock.now())
    except FieldsWrong as wrong:
        return _page(request, {project_id: text}, words_for(wrong), status=422)
    return HttpResponseRedirect(f"{reverse('customers:sources')}?saved={project_id}")


def _page(request: HttpRequest, typed: Mapping[int, str], problem: str, status: int = 200) -> HttpResponse:
    projects = [
        {
            "project": one,
            "text": typed.get(one.pk, "\n".join(one.settings.get(SETTING, ()))),
            "problem": problem if one.pk in typed else "",
            "saved": request.GET.get("saved") == str(one.pk),
        }
        for one in list_projects(by=person_of(request))
    ]
    return render_page(request, "customers/sources.html", {"projects": projects}, part="workspace", status=status)

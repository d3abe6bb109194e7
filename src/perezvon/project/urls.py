"""Where every page lives."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, URLResolver, include, path

from perezvon.foundation.live.views import live
from perezvon.foundation.web.guard import actor_of, needs_nothing
from perezvon.project.api import urls as api_urls
from perezvon.project.health import healthz, metrics


@needs_nothing("sends everybody to his own home")
def home(request: HttpRequest) -> HttpResponse:
    """By role (UX.md §1.4): those who take calls to the desk, others to what they look after."""
    actor = actor_of(request)
    if actor.may("telephony.use") and not actor.may("reporting.view"):
        return HttpResponseRedirect("/desk/")
    if actor.may("reporting.view"):
        return HttpResponseRedirect("/reports/calls/")
    return HttpResponseRedirect("/topics/" if actor.may("topics.edit") else "/desk/")


urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("", include("perezvon.modules.accounts.web.urls")),
    path("", include("perezvon.modules.telephony.web.urls")),
    path("", include("perezvon.modules.customers.web.urls")),
    path("", include("perezvon.modules.interactions.web.urls")),
    path("", include("perezvon.modules.tasks.web.urls")),
    path("", include("perezvon.modules.cases.web.urls")),
    path("desk/", include("perezvon.modules.desk.web.urls")),
    path("", include("perezvon.modules.documents.web.urls")),
    path("", include("perezvon.modules.scripting.web.urls")),
    path("knowledge/", include("perezvon.modules.knowledge.web.urls")),
    path("products/", include("perezvon.modules.catalogue.web.urls")),
    path("loans/", include("perezvon.modules.loans.web.urls")),
    path("bulletin/", include("perezvon.modules.bulletin.web.urls")),
    path("topics/", include("perezvon.modules.topics.web.urls")),
    path("quality/", include("perezvon.modules.quality.web.urls")),
    path("floor/", include("perezvon.modules.supervision.web.urls")),
    path("reports/", include("perezvon.modules.reporting.web.urls")),
    path("jobs/", include("perezvon.foundation.jobs.urls")),
    path("notices/", include("perezvon.foundation.notices.urls")),
    path("", include("perezvon.foundation.messages.web.urls")),
    path("files/", include("perezvon.foundation.files.web.urls")),
    path("personal/", include("perezvon.foundation.personal.urls")),
    path("lists/", include("perezvon.foundation.lists.urls")),
    path("imports/", include("perezvon.foundation.imports.web.urls")),
    path("", include("perezvon.foundation.search.web.urls")),
    path("admin/keys/", include("perezvon.foundation.rest.urls")),
    path("admin/calendars/", include("perezvon.foundation.calendars.web.urls")),
    path("admin/configuration/", include("perezvon.foundation.configuration.web.urls")),
    path("admin/", include("perezvon.foundation.administration.urls")),
    path("fields/", include("perezvon.foundation.fields.web.urls")),
    path("layouts/", include("perezvon.foundation.records.web.urls")),
    path("ui/", include("perezvon.foundation.ui.urls")),
    path("api/v1/", api_urls),
    path("live/", live, name="live"),
    path("healthz", healthz, name="healthz"),
    path("metrics", metrics, name="metrics"),
]

handler404 = "perezvon.foundation.web.failures.not_found"
handler500 = "perezvon.foundation.web.failures.broken"

"""Addresses of a list, for the urls of the module that declares it."""

from __future__ import annotations

from functools import partial, wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perezvon.foundation.lists import views
from perezvon.foundation.lists.declare import RecordList
from perezvon.foundation.lists.files import Files
from perezvon.foundation.web.guard import View, needs


def list_urls(declared: type[RecordList], where: str, *, name: str = "list") -> list[URLPattern]:
    """All addresses of a list below `where`: "customers/" and what belongs to it, with the list's own right.

    name: of the list's page; those of its parts begin with it. The url patterns must be in the namespace that
    `declared.url_name` says.
    """
    parts: list[tuple[str, str, View]] = [
        ("", "", require_GET(views.show)),
        ("filter/", "_filter", require_GET(views.edit_filter)),
        ("columns/", "_columns", require_GET(views.choose_columns)),
        ("views/", "_views", require_http_methods(["GET", "POST"])(views.save_view)),
        ("views/<int:view_id>/", "_view", require_POST(views.update_view)),
        ("views/<int:view_id>/delete/", "_view_delete", require_POST(views.delete_view)),
        ("bulk/<slug:action>/", "_bulk", require_POST(views.bulk)),
        ("undo/<uuid:run_id>/", "_undo", require_POST(views.undo)),
        ("export/", "_export", require_POST(views.export)),
    ]
    return [path(f"{where}{ending}", _view(declared, view), name=f"{name}{part}") for ending, part, view in parts]


def _view(declared: type[RecordList], view: View) -> View:
    of_this_list = partial(view, code=declared.code)

    @wraps(view)
    def shown(request: HttpRequest, **arguments: Any) -> HttpResponse:
        return of_this_list(request, **arguments)  # type: ignore[no-any-return]

    return needs(declared.right)(shown)


app_name = "lists"
urlpatterns = [
    *list_urls(Files, "files/", name="files"),
    path("files/<uuid:job_id>/file/", views.file, name="file"),
]

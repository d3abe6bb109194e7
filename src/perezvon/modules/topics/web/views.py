"""The page on which a project's topics are changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.people.models import Project
from perezvon.foundation.people.selectors import list_projects
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.foundation.web.words import say
from perezvon.kernel.errors import NotFound, PerezvonError
from perezvon.modules.topics import services
from perezvon.modules.topics.models import Topic
from perezvon.modules.topics.registry import tools
from perezvon.modules.topics.selectors import TopicNode, topic_tree

EDIT = "topics.edit"
LANGUAGES = ("ru", "en")


@needs(EDIT)
@require_GET
def topics(request: HttpRequest) -> HttpResponse:
    """The tree of one project, with the form of what is being changed: `edit`, a topic, or `below`, a new one's."""
    projects = list_projects(by=person_of(request))
    project = next((one for one in projects if one.code == request.GET.get("project")), next(iter(projects), None))
    roots = topic_tree(project.pk, with_withdrawn=True) if project else []
    nodes = [node for root in roots for node in root.walk()]
    context = {
        "projects": [{"label": str(one), "url": _url(one), "current": one == project} for one in projects],
        "project": project,
        "rows": list(_rows(roots, withdrawn=False)),
        "form": _form(project, nodes, request.GET) if project else None,
    }
    return render_page(request, "topics/topics.html", context, part="workspace")


def _rows(nodes: list[TopicNode], *, withdrawn: bool) -> Iterator[dict[str, Any]]:
    """A line for each topic in the order of the tree. hidden: one above it is withdrawn."""
    for node in nodes:
        yield {
            "topic": node.topic,
            "depth": node.depth,
            "hidden": withdrawn,
            "is_first": node is nodes[0],
            "is_last": node is nodes[-1],
        }
        yield from _rows(node.children, withdrawn=withdrawn or not node.topic.is_active)


def _form(project: Project, nodes: list[TopicNode], given: QueryDict) -> dict[str, Any] | None:
    by_id = {str(node.topic.pk): node for node in nodes}
    edited, above = by_id.get(given.get("edit", "")), by_id.get(given.get("below", ""))
    if edited is None and "below" not in given:
        return None
    inside = {node.topic.pk for node in edited.walk()} if edited else set()
    topic = edited.topic if edited else None
    return {
        "topic": topic,
        "title": _("Change the topic") if topic else _("A new topic"),
        "url": reverse("topics:change", args=[topic.pk]) if topic else reverse("topics:add"),
        "names": [{"code": code, "value": topic.name.get(code, "") if topic else ""} for code in LANGUAGES],
        "parent": topic.parent_id if topic else above.topic.pk if above else None,
        "parents": [
            {"id": node.topic.pk, "name": f"{'— ' * node.depth}{node.topic}"}
            for node in nodes
            if node.topic.pk not in inside
        ],
        "tools": list(tools().values()),
        "cancel_url": _url(project),
    }


@needs(EDIT)
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    by = person_of(request)
    project = next((one for one in list_projects(by=by) if one.code == request.POST.get("project")), None)
    if project is None:
        raise NotFound(project=request.POST.get("project", ""))
    services.add_topic(project_id=project.pk, **_typed(request), by=by, now=clock.now())
    return HttpResponseRedirect(_url(project))


@needs(EDIT)
@require_POST
def change(request: HttpRequest, topic_id: int) -> HttpResponse:
    version = request.POST.get("version", "")
    topic = services.change_topic(
        topic_id=topic_id,
        version=int(version) if version.isdecimal() else 0,
        **_typed(request),
        by=person_of(request),
        now=clock.now(),
    )
    return HttpResponseRedirect(_url(topic.project))


def _typed(request: HttpRequest) -> dict[str, Any]:
    parent = request.POST.get("parent", "")
    return {
        "parent_id": int(parent) if parent.isdecimal() else None,
        "name": {code: request.POST.get(f"name_{code}", "") for code in LANGUAGES},
        "needs_identification": "needs_identification" in request.POST,
        "tool": request.POST.get("tool", ""),
    }


type Act = Callable[[int, Person], Topic]

_ACTS: dict[str, Act] = {
    "up": lambda topic_id, by: services.move_topic(topic_id=topic_id, places=-1, by=by, now=clock.now()),
    "down": lambda topic_id, by: services.move_topic(topic_id=topic_id, places=1, by=by, now=clock.now()),
    "withdraw": lambda topic_id, by: services.withdraw_topic(topic_id=topic_id, by=by, now=clock.now()),
    "restore": lambda topic_id, by: services.restore_topic(topic_id=topic_id, by=by, now=clock.now()),
}


@needs(EDIT)
@require_POST
def act(request: HttpRequest, topic_id: int, act: str) -> HttpResponse:
    """Up, down, withdraw or restore."""
    if act not in _ACTS:
        raise NotFound(act=act)
    return HttpResponseRedirect(_url(_ACTS[act](topic_id, person_of(request)).project))


def _url(project: Project) -> str:
    return f"{reverse('topics:topics')}?project={project.code}"


@say("topics.unnamed")
def _unnamed(_error: PerezvonError) -> str:
    return _("Give the topic a name in one language at least.")


@say("topics.inside_itself")
def _inside(_error: PerezvonError) -> str:
    return _("A topic cannot stand below itself.")


@say("topics.changed")
def _changed(_error: PerezvonError) -> str:
    return _("Somebody else has changed this topic meanwhile. Open it again; nothing of yours was saved.")


@say("topics.no_such_topic")
def _no_such(_error: PerezvonError) -> str:
    return _("This topic does not exist, or can no longer be chosen.")

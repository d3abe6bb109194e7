"""Changing a project's topic tree while people work with it (F07.05).

Nothing is deleted: a withdrawn topic can no longer be chosen, nor can those below it, and contacts keep theirs.
Whoever changes the tree first locks its project's topics in the order of their ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.outbox.services import tell
from perezvon.kernel.errors import Refused
from perezvon.modules.topics.models import Topic
from perezvon.modules.topics.registry import tools
from perezvon.modules.topics.selectors import NoSuchTopic

LONGEST_NAME = 200


class TopicUnnamed(Refused):
    """No language has a name for it."""

    code = "topics.unnamed"
    http_status = 422


class TopicInsideItself(Refused):
    """It was to stand below itself or below one of its own."""

    code = "topics.inside_itself"
    http_status = 422


class TopicChanged(Refused):
    """Somebody else has changed it since it was read."""

    code = "topics.changed"


@command("topics.add_topic", needs="topics.edit")
def add_topic(
    *,
    project_id: int,
    parent_id: int | None,
    name: Mapping[str, str],
    needs_identification: bool = False,
    tool: str = "",
    by: Actor,
    now: datetime,
) -> Topic:
    """A new last one below `parent_id`, or of the outermost. Raises TopicUnnamed, NoSuchTopic."""
    tree = _lock(project_id, by)
    if parent_id is not None and parent_id not in tree:
        raise NoSuchTopic(topic=parent_id)
    topic = Topic.objects.create(
        project_id=project_id,
        parent_id=parent_id,
        name=_checked(name),
        position=_next_position(tree, parent_id),
        needs_identification=needs_identification,
        tool=tool if tool in tools() else "",
    )
    _tell(topic, now)
    return topic


@command("topics.change_topic", needs="topics.edit")
def change_topic(  # noqa: PLR0913  (all that a topic says of itself)
    *,
    topic_id: int,
    version: int,
    parent_id: int | None,
    name: Mapping[str, str],
    needs_identification: bool,
    tool: str = "",
    by: Actor,
    now: datetime,
) -> Topic:
    """Another name, need or place. Raises TopicChanged, TopicUnnamed, TopicInsideItself, NoSuchTopic."""
    tree, topic = _lock_around(topic_id, by)
    if topic.version != version:
        raise TopicChanged(topic=topic_id)
    if parent_id != topic.parent_id:
        if parent_id is not None and parent_id not in tree:
            raise NoSuchTopic(topic=parent_id)
        if topic_id in _upwards(tree, parent_id):
            raise TopicInsideItself(topic=topic_id)
        topic.position, topic.parent_id = _next_position(tree, parent_id), parent_id
    topic.name, topic.needs_identification = _checked(name), needs_identification
    topic.tool = tool if tool in tools() else ""
    return _saved(topic, now)


@command("topics.move_topic", needs="topics.edit")
def move_topic(*, topic_id: int, places: int, by: Actor, now: datetime) -> Topic:
    """Up (-1) or down (1) among those of its level; at the end nothing happens. Raises NoSuchTopic."""
    tree, topic = _lock_around(topic_id, by)
    level = [one for one in tree.values() if one.parent_id == topic.parent_id]
    level.sort(key=lambda one: (one.position, one.pk))
    at = level.index(topic)
    level.insert(max(0, at + places), level.pop(at))
    for position, one in enumerate(level):
        if one.position != position:
            one.position = position
            _saved(one, now)
    return topic


@command("topics.withdraw_topic", needs="topics.edit")
def withdraw_topic(*, topic_id: int, by: Actor, now: datetime) -> Topic:
    """It and those below it can no longer be chosen. Raises NoSuchTopic."""
    return _switch(topic_id, False, by, now)


@command("topics.restore_topic", needs="topics.edit")
def restore_topic(*, topic_id: int, by: Actor, now: datetime) -> Topic:
    """It can be chosen again, unless one above it is withdrawn. Raises NoSuchTopic."""
    return _switch(topic_id, True, by, now)


def _switch(topic_id: int, is_active: bool, by: Actor, now: datetime) -> Topic:
    _tree, topic = _lock_around(topic_id, by)
    topic.is_active = is_active
    return _saved(topic, now)


def _lock(project_id: int, by: Actor) -> dict[int, Topic]:
    """The project's topics by id. Raises NoSuchTopic for a project that is not his to see."""
    if not by.sees_project(project_id):
        raise NoSuchTopic(project=project_id)
    return {topic.pk: topic for topic in Topic.objects.select_for_update().filter(project=project_id).order_by("id")}


def _lock_around(topic_id: int, by: Actor) -> tuple[dict[int, Topic], Topic]:
    project_id = Topic.objects.filter(pk=topic_id).values_list("project", flat=True).first()
    if project_id is None:
        raise NoSuchTopic(topic=topic_id)
    tree = _lock(project_id, by)
    return tree, tree[topic_id]


def _upwards(tree: Mapping[int, Topic], topic_id: int | None) -> list[int]:
    """The topic and all above it."""
    found: list[int] = []
    while topic_id is not None:
        found.append(topic_id)
        topic_id = tree[topic_id].parent_id
    return found


def _next_position(tree: Mapping[int, Topic], parent_id: int | None) -> int:
    return max((topic.position + 1 for topic in tree.values() if topic.parent_id == parent_id), default=0)


def _checked(name: Mapping[str, str]) -> dict[str, str]:
    kept = {language: text.strip()[:LONGEST_NAME] for language, text in name.items() if text.strip()}
    if not kept:
        raise TopicUnnamed
    return kept


def _saved(topic: Topic, now: datetime) -> Topic:
    topic.version += 1
    topic.save()
    _tell(topic, now)
    return topic


def _tell(topic: Topic, now: datetime) -> None:
    """Desks that offer the tree draw it anew."""
    tell("topics", topic.pk, topic.version, to=[f"project:{topic.project_id}", "project:*"], now=now)

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from perezvon.kernel.errors import NotFound
from perezvon.modules.topics.models import Topic


class NoSuchTopic(NotFound):
    code = "topics.no_such_topic"


@dataclass(slots=True)
class TopicNode:
    """A topic with its sub-topics in order."""

    topic: Topic
    depth: int
    children: list[TopicNode] = field(default_factory=list)

    def walk(self) -> Iterator[TopicNode]:
        yield self
        for child in self.children:
            yield from child.walk()


def get_topic(topic_id: int, *, project_id: int) -> Topic:
    """An active topic of the project. Raises NoSuchTopic."""
    topic = Topic.objects.filter(pk=topic_id, project=project_id, is_active=True).first()
    if topic is None:
        raise NoSuchTopic(topic=topic_id)
    return topic


def topic_tree(project_id: int, *, with_withdrawn: bool = False) -> list[TopicNode]:
    """The roots of the project's tree. One query."""
    topics = Topic.objects.filter(project=project_id)
    if not with_withdrawn:
        topics = topics.filter(is_active=True)
    rows = list(topics.order_by("position", "id"))
    nodes = {topic.pk: TopicNode(topic, 0) for topic in rows}
    roots: list[TopicNode] = []
    for topic in rows:
        parent = nodes.get(topic.parent_id) if topic.parent_id else None
        (parent.children if parent else roots).append(nodes[topic.pk])
    for root in roots:
        _deepen(root, 0)
    return roots


def _deepen(node: TopicNode, depth: int) -> None:
    node.depth = depth
    for child in node.children:
        _deepen(child, depth + 1)

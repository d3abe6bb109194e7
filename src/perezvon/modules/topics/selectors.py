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
    """A topic of the project that can be chosen: neither it nor one above it is withdrawn. Raises NoSuchTopic."""
    for node in topic_tree(project_id):
        for found in node.walk():
            if found.topic.pk == topic_id:
                return found.topic
    raise NoSuchTopic(topic=topic_id)


def topic_tree(project_id: int, *, with_withdrawn: bool = False) -> list[TopicNode]:
    """The roots of the project's tree; a withdrawn topic takes those below it along. One query."""
    nodes = {
        topic.pk: TopicNode(topic, 0) for topic in Topic.objects.filter(project=project_id).order_by("position", "id")
    }
    roots: list[TopicNode] = []
    for node in nodes.values():
        if node.topic.is_active or with_withdrawn:
            above = nodes[node.topic.parent_id].children if node.topic.parent_id else roots
            above.append(node)
    for root in roots:
        _deepen(root, 0)
    return roots


def _deepen(node: TopicNode, depth: int) -> None:
    node.depth = depth
    for child in node.children:
        _deepen(child, depth + 1)

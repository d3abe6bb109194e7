"""Who carries our messages: until a gateway for SMS and a mail server are set up, the development connector."""

from __future__ import annotations

from perezvon.connectors.kept_messages import KeptMessages
from perezvon.ports.messages import Messenger
from perezvon.project.environment import environment


def make_messenger() -> Messenger:
    """The messenger that pages ask (settings.MESSENGER)."""
    return KeptMessages(environment().home / "messages.jsonl")

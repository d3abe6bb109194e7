"""Which connectors there are. This layer knows none by name: the project says where to ask (settings.MESSENGERS)."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from perezvon.foundation.messages.models import Channel, Sender
from perezvon.foundation.secrets import decrypt
from perezvon.kernel.errors import NotFound
from perezvon.ports.messages import Kind, Messenger, NotTaken, Way

KEPT = "kept"  # for development and demonstrations; what nobody has set up goes there
SECRET = "messages.sender"  # noqa: S105  (what the secret is for)


class NoSuchConnector(NotFound):
    code = "messages.no_such_connector"


@cache
def kinds() -> dict[str, Kind]:
    return {kind.code: kind for kind in import_string(settings.MESSENGERS)()}


def kinds_for(channel: str) -> list[Kind]:
    return [kind for kind in kinds().values() if Way(channel) in kind.ways]


def kind_of(code: str) -> Kind:
    """Raises NoSuchConnector."""
    if code not in kinds():
        raise NoSuchConnector(connector=code)
    return kinds()[code]


def find_sender(channel: str, project_id: int | None) -> Sender | None:
    """The project's own sender before the one of all projects; None: nobody has set one up. One query."""
    senders = Sender.objects.filter(channel=Channel(channel), in_use=True)
    found = {sender.project_id: sender for sender in senders}
    return found.get(project_id) or found.get(None)


def messenger_of(sender: Sender | None) -> Messenger:
    """Raises WrongSettings; NotTaken when its password can no longer be read."""
    if sender is None:
        return kind_of(KEPT).make({})
    secret = decrypt(sender.secret, what=SECRET)
    if secret is None:
        raise NotTaken(said="the password was encrypted with another key")
    return kind_of(sender.connector).make({**sender.values, "secret": secret})

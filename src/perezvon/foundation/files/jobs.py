from __future__ import annotations

from contextlib import suppress

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from perezvon.foundation import clock
from perezvon.foundation.files import looking, services


@app.periodic(cron="41 3 * * *")
@app.task(name="files.sweep", queueing_lock="files.sweep")
def sweep(timestamp: int) -> int:
    """Every night: contents of uploads that were broken off, or erased."""
    return services.sweep(now=clock.now())


@app.task(name="files.look_into")
def look_into(sha256: str) -> None:
    looking.look_into(sha256, now=clock.now)


@app.periodic(cron="*/5 * * * *")
@app.task(name="files.look_again", queueing_lock="files.look_again", lock="files.look_again")
def look_again(timestamp: int) -> int:
    """Every five minutes: contents that a killed worker or a scanner that was away has left. While there are more of
    them than are taken at once it goes on without waiting."""
    found = looking.contents_to_look_into(now=clock.now())
    for sha256 in found:
        look_into.configure(lock=f"content:{sha256}").defer(sha256=sha256)
    if len(found) == looking.MOST_AT_ONCE and looking.can_look():
        # Jobs are done in their order: its turn comes when these have been taken up, so they do not pile up.
        with suppress(AlreadyEnqueued), transaction.atomic():
            look_again.configure().defer(timestamp=timestamp)
    return len(found)

from __future__ import annotations

from procrastinate.contrib.django import app

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
@app.task(name="files.look_again", queueing_lock="files.look_again")
def look_again(timestamp: int) -> int:
    """Every five minutes: contents that a killed worker or a scanner that was away has left."""
    found = looking.contents_to_look_into(now=clock.now())
    for sha256 in found:
        look_into.configure(lock=f"content:{sha256}").defer(sha256=sha256)
    return len(found)

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app

from perezvon.foundation import clock
from perezvon.foundation.messages import sending


@app.task(name="messages.send")
def send(message_id: str) -> str:
    return sending.send_message(UUID(message_id), now=clock.now()) or ""


@app.periodic(cron="* * * * *")
@app.task(name="messages.due", queueing_lock="messages.due")
def due(timestamp: int) -> int:
    """Every minute: what is to be tried again, and what a killed worker has left."""
    found = sending.due_messages(clock.now())
    for message_id in found:
        send.configure(lock=f"message:{message_id}").defer(message_id=str(message_id))
    return len(found)

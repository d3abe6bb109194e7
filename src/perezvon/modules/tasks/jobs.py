from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app

from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.modules.tasks import services


@app.periodic(cron="* * * * *")
@app.task(name="tasks.minute", queueing_lock="tasks.minute")
def minute(timestamp: int) -> int:
    """Every minute: reminders, and planned SMS whose time has come."""
    now = clock.now()
    waiting = services.due_sms(now)
    for task_id in waiting:
        send.configure(lock=f"task:{task_id}").defer(task_id=str(task_id))
    return services.remind(now) + len(waiting)


@app.task(name="tasks.send")
def send(task_id: str) -> str:
    message = services.send_sms(task_id=UUID(task_id), by=System(name="tasks"), now=clock.now())
    return str(message.pk) if message else ""

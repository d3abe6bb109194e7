"""The worker process: hands events to the modules that asked for them, and does jobs.

Any number may run. Jobs come from procrastinate, in the same PostgreSQL; its options are those that were measured
(PERF.md §6): polled twice a second, successful ones deleted, those of a killed worker taken up again.
"""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress

import structlog
from asgiref.sync import sync_to_async
from django.db import InterfaceError, OperationalError, close_old_connections
from procrastinate import App, JobContext
from procrastinate.contrib.django import app as jobs

from perezvon.foundation import clock
from perezvon.foundation.outbox.handlers import Dispatcher, handlers
from perezvon.foundation.outbox.relay import Follower
from perezvon.project.environment import environment

log = structlog.get_logger()

UNASKED_S = 1.0
POLL_S = 0.5
AT_ONCE = 4  # jobs at a time; most of them wait for others
STALLED_S = 60.0


@jobs.periodic(cron="*/2 * * * *")
@jobs.task(name="worker.rescue", queueing_lock="worker.rescue", pass_context=True)
async def rescue(context: JobContext, timestamp: int) -> None:
    """A killed worker's job stays "doing" and holds its lock: give it to another."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_S):
        log.info("worker.job_taken_up_again", job=job.task_name, id=job.id)
        await manager.retry_job(job)


def run(arguments: list[str]) -> int:
    """Work until told to stop."""
    asyncio.run(_run())
    return 0


async def _run() -> None:
    work = asyncio.create_task(_work())
    loop = asyncio.get_running_loop()
    for wish in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(wish, work.cancel)
    with suppress(asyncio.CancelledError):
        await work


async def _work() -> None:
    url = environment().database
    app: App = jobs.with_connector(jobs.connector.get_worker_connector())
    async with app.open_async(), asyncio.TaskGroup() as tasks:
        tasks.create_task(dispatch(url, Dispatcher(handlers())))
        tasks.create_task(
            app.run_worker_async(
                concurrency=AT_ONCE,
                fetch_job_polling_interval=POLL_S,
                delete_jobs="successful",
                install_signal_handlers=False,
                shutdown_graceful_timeout=2.0,
            )
        )


async def dispatch(url: str, dispatcher: Dispatcher) -> None:
    """Deliver whenever the bell rings for one of our topics, and once a second unasked; never returns."""
    bell = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_listen(url, [handler.event.topic for handler in dispatcher.handlers], bell))
        while True:
            bell.clear()
            while await sync_to_async(_deliver, thread_sensitive=False)(dispatcher):
                pass
            with suppress(TimeoutError):
                async with asyncio.timeout(UNASKED_S):
                    await bell.wait()


async def _listen(url: str, topics: list[str], bell: asyncio.Event) -> None:
    async for _ in Follower(url, topics=topics).batches():
        bell.set()


def _deliver(dispatcher: Dispatcher) -> int:
    close_old_connections()
    try:
        return dispatcher.deliver(clock.now())
    except (OperationalError, InterfaceError) as error:
        log.info("worker.database_away", error=str(error).partition("\n")[0])
        return 0

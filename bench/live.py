"""`perezvon bench live`: event streams under load, and what live messages cost those who write.

Deliveries: N browsers listen to one web process, on a core of its own where there is another, while messages to all
of them are committed at a steady rate; a message carries the moment before its transaction began. `server_share` and
`client_share` say how busy the two are, in cores. Writes: as many writers as asked commit rows of the engine's log
without a message, with one in the outbox, and with a NOTIFY of their own in each transaction, which is what the
outbox and its relay spare them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import time
from collections.abc import Sequence

import psycopg

from bench.ground import Running, allow_many_files, own_database, percentiles, sign_in, system
from bench.listening import Listeners, wait_for
from bench.writing import write_rate
from perezvon.foundation.people.models import Role, User

SETTLE_S = 5.0
TURNS = 4
WARM = 200  # streams that make a fresh server load, start and connect what is there once
ROW = 'INSERT INTO telephony_callevent (body, at, epoch) VALUES (\'{"type": "Bench"}\', now(), 0)'
MESSAGE = "INSERT INTO outbox_outboxrow (topic, body, audience, at) VALUES ('live', %s, '{nobody}', now())"
MODES: dict[str, Sequence[str]] = {
    "off": (ROW,),
    "outbox": (ROW, MESSAGE.replace("%s", '\'{"kind": "bench", "id": "1", "version": 1}\'')),
    "notify": (ROW, "SELECT pg_notify('bench', '')"),
}


def main(arguments: list[str]) -> dict[str, object]:
    """Deliveries first, then the rate of writes in each mode, on the same running system."""
    given = _read(arguments)
    allow_many_files()
    cores = os.sched_getaffinity(0)
    with own_database("live", clean=given.clean) as url, system(url, ["web 1"]) as running:
        _empty(url)
        cookies = sign_in([_listener()] * given.clients)
        found: dict[str, object] = {"clients": given.clients, "rate": given.rate, "seconds": given.seconds}
        found["own_core"] = running.keep_apart("web")
        found |= asyncio.run(_deliver(url, running, cookies, given.rate, given.seconds))
        os.sched_setaffinity(0, cores)
        found |= _write(url, given.writers, given.write_seconds)
        _empty(url)
    return found


def _read(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="perezvon bench live", description=__doc__.partition("\n")[0])
    parser.add_argument("--clients", type=int, default=500, help="open streams; the goal is measured with 2000")
    parser.add_argument("--rate", type=float, default=10.0, help="messages a second, each to all clients")
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--writers", type=int, default=32)
    parser.add_argument("--write-seconds", type=float, default=8.0, help="for each mode")
    parser.add_argument("--clean", action="store_true", help="begin with a new database")
    return parser.parse_args(arguments)


def _listener() -> User:
    role = Role.objects.get(code="operator")
    values = {"first_name": "Bench", "last_name": "Listener", "role": role}
    return User.objects.get_or_create(login="bench", defaults=values)[0]


def _empty(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as database:
        database.execute("TRUNCATE outbox_outboxrow, telephony_callevent")


# --- deliveries -------------------------------------------------------------------------------------


async def _deliver(url: str, running: Running, cookies: list[str], rate: float, seconds: float) -> dict[str, object]:
    times_ms: list[float] = []

    def heard(_place: int, message: dict[str, object]) -> None:
        if message.get("kind") == "bench":
            times_ms.append((time.monotonic_ns() - int(str(message["id"]))) / 1e6)

    warm = Listeners(running.port, heard)
    await warm.open(cookies[:WARM])
    await warm.close()
    empty_bytes = running.memory_bytes("web")
    listeners = Listeners(running.port, heard)
    await listeners.open(cookies)
    full_bytes = running.memory_bytes("web")
    began, busy_before, own_before = time.monotonic(), running.cpu_s("web"), time.process_time()
    sent = await _publish(url, rate, seconds)
    await wait_for(lambda: len(times_ms) >= sent * len(cookies), SETTLE_S)
    took_s = time.monotonic() - began
    server_s, client_s = running.cpu_s("web") - busy_before, time.process_time() - own_before
    await listeners.close()
    expected = sent * len(cookies)
    return {
        "messages": sent,
        "deliveries": len(times_ms),
        "deliveries_per_s": round(len(times_ms) / took_s),
        "server_us_each": round(1e6 * server_s / max(len(times_ms), 1), 1),
        "server_share": round(server_s / took_s, 2),
        "client_share": round(client_s / took_s, 2),
        "lost": expected - len(times_ms),
        "broken_streams": listeners.broken,
        **percentiles(times_ms),
        "kb_per_client": round((full_bytes - empty_bytes) / 1024 / len(cookies), 1),
    }


async def _publish(url: str, rate: float, seconds: float) -> int:
    """Commit messages to everybody, evenly. Returns how many."""
    sent, began = 0, time.monotonic()
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as database:
        while (due := began + sent / rate) < began + seconds:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            body = json.dumps({"kind": "bench", "id": str(time.monotonic_ns()), "version": sent})
            await database.execute(
                "INSERT INTO outbox_outboxrow (topic, body, audience, at) VALUES ('live', %s, '{all}', now())", [body]
            )
            sent += 1
    return sent


# --- writes -----------------------------------------------------------------------------------------


def _write(url: str, writers: int, seconds: float) -> dict[str, object]:
    """Transactions a second in each mode, and each as a share of writing without live messages.

    The modes take turns, so that what else goes on on this machine touches all alike.
    """
    rates = dict.fromkeys(MODES, 0.0)
    for _ in range(TURNS):
        for mode, statements in MODES.items():
            rates[mode] += write_rate(url, statements, writers, seconds / TURNS) / TURNS
    found: dict[str, object] = {"writers": writers}
    found |= {f"writes_per_s_{mode}": round(rate) for mode, rate in rates.items()}
    found |= {f"{mode}_share": round(rates[mode] / rates["off"], 3) for mode in ("outbox", "notify")}
    return found

"""Writers that do nothing but commit. Knows no Django: its processes must start quickly."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import psycopg

PROCESSES = 2


def write_rate(url: str, statements: Sequence[str], writers: int, seconds: float) -> float:
    """Transactions a second, each of these statements. A few processes share the writers: one could not keep up."""
    shares = [len(range(at, writers, PROCESSES)) for at in range(PROCESSES)]
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
        done = pool.map(_write_for, [url] * PROCESSES, [statements] * PROCESSES, shares, [seconds] * PROCESSES)
        return sum(done)


def _write_for(url: str, statements: Sequence[str], writers: int, seconds: float) -> float:
    """Transactions a second of `writers` threads, all of which begin together."""
    counts = [0] * writers
    together = threading.Barrier(writers + 1)

    def write(place: int) -> None:
        with psycopg.connect(url, autocommit=True) as database:
            # Prepared, as the engine's and the ORM's are: planning them anew would be most of what is measured.
            for step, statement in enumerate(statements):
                database.execute(f"PREPARE step_{step} AS {statement}")
            steps = (f"EXECUTE step_{step}" for step in range(len(statements)))
            text = "; ".join(("BEGIN", *steps, "COMMIT"))
            together.wait()
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                database.execute(text)
                counts[place] += 1

    threads = [threading.Thread(target=write, args=[place]) for place in range(writers)]
    for thread in threads:
        thread.start()
    together.wait()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds

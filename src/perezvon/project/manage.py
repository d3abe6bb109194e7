"""Django's own commands, and the one that everybody needs: bringing the database up to date."""

from __future__ import annotations

import psycopg
from django.core.management import call_command, execute_from_command_line

from perezvon.project.environment import environment

_LOCK = 0x9E7E2B01  # any number, as long as every machine of the site takes the same


def run(arguments: list[str]) -> int:
    """The command that `arguments` name."""
    execute_from_command_line(["perezvon manage", *arguments])
    return 0


def migrate(arguments: list[str]) -> int:
    """Apply what is missing. Machines that start together take turns. arguments: those of Django's migrate."""
    with psycopg.connect(environment().database, autocommit=True) as turn:
        turn.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        call_command("migrate", *arguments, interactive=False)
    return 0

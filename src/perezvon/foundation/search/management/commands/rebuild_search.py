from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from perezvon.foundation.search.registry import declared_kinds
from perezvon.foundation.search.services import rebuild


class Command(BaseCommand):
    help = "Index anew what can be searched for; work goes on meanwhile."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", nargs="?", choices=sorted(declared_kinds()), help="only this kind")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{rebuild(options['kind'])} records")

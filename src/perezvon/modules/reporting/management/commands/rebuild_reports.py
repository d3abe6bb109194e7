from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from perezvon.foundation import clock
from perezvon.modules.reporting import services


class Command(BaseCommand):
    help = "Add up anew what reports read, from contacts and their segments. Reports stay right meanwhile."

    def handle(self, *args: Any, **options: Any) -> None:
        services.forget()
        while services.advance(clock.now()):
            pass

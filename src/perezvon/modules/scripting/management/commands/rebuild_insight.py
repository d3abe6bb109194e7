from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from perezvon.foundation import clock
from perezvon.modules.scripting import services


class Command(BaseCommand):
    help = "Add up anew, from the conversations themselves, how they went by each scenario. Pages stay right meanwhile."

    def handle(self, *args: Any, **options: Any) -> None:
        services.forget()
        while services.advance(clock.now()):
            pass

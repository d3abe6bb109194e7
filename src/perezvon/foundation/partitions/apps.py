from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from perezvon.foundation import clock
from perezvon.foundation.partitions.services import look_after_months


class PartitionsConfig(AppConfig):
    name = "perezvon.foundation.partitions"

    def ready(self) -> None:
        post_migrate.connect(make_first_months, sender=self)


def make_first_months(**_: Any) -> None:
    """After migrating: a new installation has its months before its first row."""
    look_after_months(clock.now())

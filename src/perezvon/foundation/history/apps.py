from django.apps import AppConfig
from django.db.models.signals import post_migrate

from perezvon.foundation.history.triggers import install


class HistoryConfig(AppConfig):
    name = "perezvon.foundation.history"

    def ready(self) -> None:
        post_migrate.connect(install, sender=self)

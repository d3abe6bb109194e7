from django.apps import AppConfig

from perezvon.foundation.records.registrations import register


class RecordsConfig(AppConfig):
    name = "perezvon.foundation.records"
    label = "records"

    def ready(self) -> None:
        register()

from django.apps import AppConfig

from perezvon.modules.reporting.registrations import register


class ReportingConfig(AppConfig):
    name = "perezvon.modules.reporting"

    def ready(self) -> None:
        register()

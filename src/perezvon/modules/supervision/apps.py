from django.apps import AppConfig

from perezvon.modules.supervision.registrations import register


class SupervisionConfig(AppConfig):
    name = "perezvon.modules.supervision"

    def ready(self) -> None:
        register()

from django.apps import AppConfig

from perezvon.modules.desk.registrations import register


class DeskConfig(AppConfig):
    name = "perezvon.modules.desk"

    def ready(self) -> None:
        register()

from django.apps import AppConfig

from perezvon.modules.routing.registrations import register


class RoutingConfig(AppConfig):
    name = "perezvon.modules.routing"

    def ready(self) -> None:
        register()

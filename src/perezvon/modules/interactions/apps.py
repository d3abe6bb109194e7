from django.apps import AppConfig

from perezvon.modules.interactions.registrations import register


class InteractionsConfig(AppConfig):
    name = "perezvon.modules.interactions"

    def ready(self) -> None:
        register()

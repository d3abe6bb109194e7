from django.apps import AppConfig

from perezvon.modules.topics.registrations import register


class TopicsConfig(AppConfig):
    name = "perezvon.modules.topics"

    def ready(self) -> None:
        register()

from django.apps import AppConfig

from perezvon.foundation.ui.registrations import register


class UiConfig(AppConfig):
    name = "perezvon.foundation.ui"
    label = "ui"

    def ready(self) -> None:
        register()

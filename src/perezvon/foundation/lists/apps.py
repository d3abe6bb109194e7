from django.apps import AppConfig


class ListsConfig(AppConfig):
    name = "perezvon.foundation.lists"

    def ready(self) -> None:
        from perezvon.foundation.lists.registrations import register  # noqa: PLC0415  (models are ready only now)

        register()

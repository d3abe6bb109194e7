from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "perezvon.modules.desk"

    def ready(self) -> None:
        from perezvon.modules.desk.registrations import register  # noqa: PLC0415  (models are ready only now)

        register()

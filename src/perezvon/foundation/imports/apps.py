from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "perezvon.foundation.imports"

    def ready(self) -> None:
        from perezvon.foundation.imports.registrations import register  # noqa: PLC0415  (models are ready only now)

        register()

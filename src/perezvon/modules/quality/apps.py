from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "perezvon.modules.quality"

    def ready(self) -> None:
        from perezvon.modules.quality.registrations import register  # noqa: PLC0415  (models are ready only now)

        register()

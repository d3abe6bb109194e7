from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "perezvon.modules.supervision"

    def ready(self) -> None:
        from perezvon.modules.supervision.registrations import register  # noqa: PLC0415  (models are ready only now)

        register()

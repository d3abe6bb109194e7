from django.apps import AppConfig


class InteractionsConfig(AppConfig):
    name = "perezvon.modules.interactions"

    def ready(self) -> None:
        from perezvon.modules.interactions.registrations import register  # noqa: PLC0415  (models are ready only now)

        register()

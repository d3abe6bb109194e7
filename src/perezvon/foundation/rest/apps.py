from django.apps import AppConfig


class RestConfig(AppConfig):
    name = "perezvon.foundation.rest"

    def ready(self) -> None:
        from perezvon.foundation.rest.registrations import register  # noqa: PLC0415  (models are ready only now)

        register()

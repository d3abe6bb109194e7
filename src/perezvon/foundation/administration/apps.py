from django.apps import AppConfig


class AdministrationConfig(AppConfig):
    name = "perezvon.foundation.administration"

    def ready(self) -> None:
        from perezvon.foundation.administration.registrations import register  # noqa: PLC0415  (models are ready now)

        register()

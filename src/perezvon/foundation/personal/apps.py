from django.apps import AppConfig


class PersonalConfig(AppConfig):
    name = "perezvon.foundation.personal"

    def ready(self) -> None:
        from perezvon.foundation.personal.registrations import register  # noqa: PLC0415

        register()

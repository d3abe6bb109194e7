from django.apps import AppConfig


class CalendarsConfig(AppConfig):
    name = "perezvon.foundation.calendars"

    def ready(self) -> None:
        from perezvon.foundation.calendars.registrations import register  # noqa: PLC0415  (models are ready only now)

        register()

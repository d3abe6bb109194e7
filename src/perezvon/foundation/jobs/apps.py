from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "perezvon.foundation.jobs"

    def ready(self) -> None:
        from perezvon.foundation.jobs.registrations import register  # noqa: PLC0415  (models are ready only now)

        register()

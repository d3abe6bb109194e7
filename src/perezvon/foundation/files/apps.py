from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "perezvon.foundation.files"

    def ready(self) -> None:
        from perezvon.foundation.files.registrations import register  # noqa: PLC0415  (models are ready only now)

        register()

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "perezvon.modules.documents"

    def ready(self) -> None:
        from perezvon.modules.documents.registrations import register  # noqa: PLC0415  (models are ready only now)

        register()

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "perezvon.modules.catalogue"

    def ready(self) -> None:
        from perezvon.modules.catalogue.registrations import register  # noqa: PLC0415  (models are ready only now)

        register()

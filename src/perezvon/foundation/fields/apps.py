from django.apps import AppConfig

from perezvon.foundation.fields.registrations import register


class FieldsConfig(AppConfig):
    name = "perezvon.foundation.fields"
    label = "fields"

    def ready(self) -> None:
        register()

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

from perezvon.foundation.configuration.registrations import register


class ConfigurationConfig(AppConfig):
    name = "perezvon.foundation.configuration"
    label = "configuration"

    def ready(self) -> None:
        register()
        autodiscover_modules("blueprint")  # each registers its parts

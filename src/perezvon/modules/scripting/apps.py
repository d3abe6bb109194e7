from django.apps import AppConfig


class ScriptingConfig(AppConfig):
    name = "perezvon.modules.scripting"

    def ready(self) -> None:
        from perezvon.modules.scripting.registrations import register  # noqa: PLC0415  (models are ready only now)

        register()

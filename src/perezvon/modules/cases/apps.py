from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "perezvon.modules.cases"

    def ready(self) -> None:
        from perezvon.modules.cases.registrations import register  # noqa: PLC0415  (models are ready only now)

        register()

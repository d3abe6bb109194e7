from django.apps import AppConfig


class LoansConfig(AppConfig):
    name = "perezvon.modules.loans"

    def ready(self) -> None:
        from perezvon.modules.loans.registrations import register  # noqa: PLC0415  (models are ready only now)

        register()

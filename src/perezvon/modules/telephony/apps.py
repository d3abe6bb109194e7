from django.apps import AppConfig


class TelephonyConfig(AppConfig):
    name = "perezvon.modules.telephony"

    def ready(self) -> None:
        from perezvon.modules.telephony.registrations import register  # noqa: PLC0415  (models are ready only now)

        register()

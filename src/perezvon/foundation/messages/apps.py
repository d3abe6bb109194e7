from django.apps import AppConfig


class MessagesConfig(AppConfig):
    name = "perezvon.foundation.messages"

    def ready(self) -> None:
        from perezvon.foundation.messages.registrations import register  # noqa: PLC0415  (models are ready only now)

        register()

"""The voice gateway of this installation; which one, the project says in its settings."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from perezvon.ports.voice import VoiceGateway


@cache
def gateway() -> VoiceGateway:
    made: VoiceGateway = import_string(settings.VOICE_GATEWAY)()
    return made

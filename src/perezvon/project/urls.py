"""Where every page lives."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from perezvon.foundation.live.views import live

urlpatterns: list[URLPattern | URLResolver] = [path("live/", live, name="live")]

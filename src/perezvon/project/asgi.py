"""What the web server serves."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

from perezvon.project import logs
from perezvon.project.environment import environment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perezvon.project.settings")
logs.configure(as_json=environment().log_json)

application = get_asgi_application()

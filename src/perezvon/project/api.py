"""The programming interface: the routers of all modules under one address."""

from __future__ import annotations

from perezvon.foundation.rest.api import guarded_urls, make_api
from perezvon.modules.cases.rest import router as cases

api = make_api("Perezvon", "1.0.0")
api.add_router("/cases/", cases)

urls = guarded_urls(api)

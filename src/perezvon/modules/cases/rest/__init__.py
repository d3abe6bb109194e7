"""Cases for other programs."""

from perezvon.modules.cases.rest.router import router

__all__ = ["router"]

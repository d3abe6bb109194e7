"""The administration area: modules register their pages, people find there what they may open."""

from perezvon.foundation.administration.registry import AdminPage, register_admin_page

__all__ = ["AdminPage", "register_admin_page"]

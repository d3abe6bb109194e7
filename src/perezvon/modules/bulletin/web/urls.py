from django.urls import path

from perezvon.foundation.lists.urls import list_urls
from perezvon.modules.bulletin.lists import Posted
from perezvon.modules.bulletin.web import views

app_name = "bulletin"
urlpatterns = [
    path("", views.board, name="board"),
    path("panel/", views.panel, name="panel"),
    path("strip/", views.strip, name="strip"),
    path("new/", views.write, name="new"),
    *list_urls(Posted, "all/"),
    path("<uuid:announcement_id>/", views.announcement, name="announcement"),
    path("<uuid:announcement_id>/edit/", views.write, name="edit"),
    path("<uuid:announcement_id>/read/", views.read, name="read"),
]

from django.urls import path

from perezvon.modules.supervision.web import floor

app_name = "supervision"
urlpatterns = [
    path("", floor.floor, name="floor"),
    path("now/", floor.now, name="now"),
    path("agents/<int:user_id>/", floor.agent, name="agent"),
    path("agents/<int:user_id>/presence/", floor.presence, name="presence"),
    path("thresholds/", floor.thresholds, name="thresholds"),
]

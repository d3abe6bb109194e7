from django.urls import path

from perezvon.foundation.calendars.web import views

app_name = "calendars"
urlpatterns = [
    path("", views.calendars, name="calendars"),
    path("new/", views.calendar, name="new"),
    path("<int:calendar_id>/", views.calendar, name="calendar"),
    path("<int:calendar_id>/days/", views.put_day, name="put_day"),
    path("<int:calendar_id>/days/drop/", views.drop_day, name="drop_day"),
    path("<int:calendar_id>/preset/", views.preset, name="preset"),
    path("<int:calendar_id>/import/", views.import_days, name="import"),
]

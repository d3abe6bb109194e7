from django.urls import path

from perezvon.modules.reporting.web import views

app_name = "reporting"
urlpatterns = [
    path("calls/", views.calls, name="calls"),
    path("calls/list/", views.call_list, name="call_list"),
    path("calls/calls.xlsx", views.calls_xlsx, name="calls_xlsx"),
]

from django.urls import path

from perezvon.foundation.records.web import views

app_name = "records"
urlpatterns = [
    path("", views.layouts, name="layouts"),
    path("new/", views.new, name="new"),
    path("<int:layout_id>/", views.change, name="change"),
    path("<int:layout_id>/switch/", views.switch, name="switch"),
]

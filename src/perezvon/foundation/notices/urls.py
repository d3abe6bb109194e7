from django.urls import path

from perezvon.foundation.notices import views

app_name = "notices"
urlpatterns = [
    path("", views.notices, name="list"),
    path("count/", views.count, name="count"),
    path("read/", views.read, name="read"),
]

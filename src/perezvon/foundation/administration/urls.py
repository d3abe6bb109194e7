from django.urls import path

from perezvon.foundation.administration import views

app_name = "administration"
urlpatterns = [
    path("", views.home, name="home"),
]

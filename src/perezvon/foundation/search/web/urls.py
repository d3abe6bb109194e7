from django.urls import path

from perezvon.foundation.search.web import views

app_name = "search"
urlpatterns = [path("palette/", views.palette, name="palette")]

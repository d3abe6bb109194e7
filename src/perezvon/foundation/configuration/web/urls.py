from django.urls import path

from perezvon.foundation.configuration.web import views

app_name = "configuration"
urlpatterns = [
    path("", views.versions, name="versions"),
    path("export/", views.export, name="export"),
    path("load/", views.load, name="load"),
    path("<int:number>/", views.version, name="version"),
    path("<int:number>/export/", views.export, name="version_export"),
    path("<int:number>/roll-back/", views.roll_back, name="roll_back"),
]

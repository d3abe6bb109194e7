from django.urls import path

from perezvon.foundation.ui import views

app_name = "ui"
urlpatterns = [
    path("", views.gallery, name="gallery"),
    path("desk/<slug:state>/", views.gallery_desk, name="desk"),
    path("page/<slug:name>/", views.gallery_page, name="page"),
]

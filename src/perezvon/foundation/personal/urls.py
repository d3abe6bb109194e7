from django.urls import path

from perezvon.foundation.personal import views

app_name = "personal"
urlpatterns = [path("files/<uuid:job_id>/", views.file, name="file")]

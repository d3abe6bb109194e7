from django.urls import path

from perezvon.modules.topics.web import views

app_name = "topics"
urlpatterns = [
    path("", views.topics, name="topics"),
    path("add/", views.add, name="add"),
    path("<int:topic_id>/", views.change, name="change"),
    path("<int:topic_id>/<slug:act>/", views.act, name="act"),
]

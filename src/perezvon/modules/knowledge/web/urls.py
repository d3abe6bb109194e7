from django.urls import path

from perezvon.foundation.lists.urls import list_urls
from perezvon.modules.knowledge.lists import Articles
from perezvon.modules.knowledge.web import articles, sending, setup, views

app_name = "knowledge"
urlpatterns = [
    path("", views.home, name="home"),
    path("about/", views.about, name="about"),
    path("work/", articles.work, name="work"),
    path("new/", articles.write, name="new"),
    path("sections/", setup.sections, name="sections"),
    path("sections/new/", setup.section, name="section_new"),
    path("sections/<int:section_id>/", setup.section, name="section"),
    path("synonyms/", setup.synonyms, name="synonyms"),
    path("unanswered/<int:unanswered_id>/settle/", setup.settle, name="settle"),
    *list_urls(Articles, "all/"),
    path("<uuid:article_id>/", views.article, name="article"),
    path("<uuid:article_id>/judged/", views.judged, name="judged"),
    path("<uuid:article_id>/send/", sending.send, name="send"),
    path("<uuid:article_id>/edit/", articles.write, name="edit"),
    path("<uuid:article_id>/versions/", articles.versions, name="versions"),
    path("<uuid:article_id>/<slug:act>/", articles.act, name="act"),
]

from django.urls import path

from perezvon.foundation.lists.urls import list_urls
from perezvon.modules.quality.lists import Evaluations
from perezvon.modules.quality.web import cards, evaluations

app_name = "quality"
urlpatterns = [
    *list_urls(Evaluations, "", name="evaluations"),
    path("waiting/", evaluations.waiting, name="waiting"),
    path("cards/", cards.cards, name="cards"),
    path("cards/new/", cards.card, name="new_card"),
    path("cards/<int:scorecard_id>/", cards.card, name="card"),
    path("recordings/<uuid:recording_id>/", evaluations.begin, name="begin"),
    path("<uuid:evaluation_id>/", evaluations.evaluation, name="evaluation"),
    path("<uuid:evaluation_id>/keep/", evaluations.keep, name="keep"),
    path("<uuid:evaluation_id>/marks/", evaluations.marks, name="marks"),
    path("<uuid:evaluation_id>/act/", evaluations.act, name="act"),
    path("<uuid:evaluation_id>/calibration/", evaluations.calibration, name="calibration"),
]

from django.urls import path

from perezvon.foundation.lists.urls import list_urls
from perezvon.modules.scripting.lists import Questionnaires, Scenarios
from perezvon.modules.scripting.web import answers, designer, filling, insight, panel, questions, scenarios

app_name = "scripting"
urlpatterns = [
    *list_urls(Scenarios, "admin/scenarios/", name="scenarios"),
    *list_urls(Questionnaires, "admin/questionnaires/", name="questionnaires"),
    path("admin/questionnaires/new/", scenarios.new_questionnaire, name="new_questionnaire"),
    path("admin/questionnaires/<uuid:scenario_id>/", questions.builder, name="builder"),
    path("admin/questionnaires/<uuid:scenario_id>/answers/", answers.answers, name="answers"),
    path("admin/questionnaires/<uuid:scenario_id>/answers.csv", answers.export, {"form": "csv"}, name="answers_csv"),
    path("admin/questionnaires/<uuid:scenario_id>/answers.xlsx", answers.export, {"form": "xlsx"}, name="answers_xlsx"),
    path("admin/scenarios/new/", scenarios.new, name="new"),
    path("admin/scenarios/<uuid:scenario_id>/", designer.designer, name="designer"),
    path("admin/scenarios/<uuid:scenario_id>/draft/", designer.draft, name="draft"),
    path("admin/scenarios/<uuid:scenario_id>/trial/", designer.trial, name="trial"),
    path("admin/scenarios/<uuid:scenario_id>/publish/", designer.publish, name="publish"),
    path("admin/scenarios/<uuid:scenario_id>/offering/", scenarios.offering, name="offering"),
    path("admin/scenarios/<uuid:scenario_id>/versions/", scenarios.versions, name="versions"),
    path("admin/scenarios/<uuid:scenario_id>/export/", scenarios.export, name="export"),
    path("admin/scenarios/<uuid:scenario_id>/load/", scenarios.load, name="load"),
    path("admin/scenarios/<uuid:scenario_id>/insight/", insight.page, name="insight"),
    path("admin/scenarios/<uuid:scenario_id>/<slug:act>/", scenarios.act, name="act"),
    path("script/contact/<uuid:interaction_id>/<uuid:scenario_id>/", panel.begin, name="begin"),
    path("script/try/<uuid:scenario_id>/", filling.trial, name="try"),
    path("script/invite/<uuid:customer_id>/", filling.invite, name="invite"),
    path("questions/<str:token>/", filling.fill, name="fill"),
    path("script/<uuid:run_id>/", panel.give, name="give"),
    path("script/<uuid:run_id>/keep/", panel.keep, name="keep"),
    path("script/<uuid:run_id>/catch-up/", panel.catch_up, name="catch_up"),
]

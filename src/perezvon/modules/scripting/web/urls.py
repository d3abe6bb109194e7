from django.urls import path

from perezvon.modules.scripting.web import panel

app_name = "scripting"
urlpatterns = [
    path("script/contact/<uuid:interaction_id>/<uuid:scenario_id>/", panel.begin, name="begin"),
    path("script/<uuid:run_id>/", panel.give, name="give"),
    path("script/<uuid:run_id>/keep/", panel.keep, name="keep"),
    path("script/<uuid:run_id>/catch-up/", panel.catch_up, name="catch_up"),
]

from django.urls import path

from perezvon.foundation.imports.lists import ImportedRows, Imports
from perezvon.foundation.imports.web import outcome, sources, wizard
from perezvon.foundation.lists.urls import list_urls

app_name = "imports"
urlpatterns = [
    *list_urls(Imports, ""),
    *list_urls(ImportedRows, "rows/", name="rows"),
    path("new/", wizard.new, name="new"),
    path("sources/", sources.sources, name="sources"),
    path("sources/<int:profile_id>/", sources.schedule, name="schedule"),
    path("sources/<int:profile_id>/look/", sources.look, name="look"),
    path("sources/<int:profile_id>/delete/", sources.delete, name="delete"),
    path("<uuid:import_id>/", wizard.current, name="import"),
    path("<uuid:import_id>/sheet/", wizard.sheet, name="sheet"),
    path("<uuid:import_id>/columns/", wizard.columns, name="columns"),
    path("<uuid:import_id>/check/", wizard.check, name="check"),
    path("<uuid:import_id>/profile/", wizard.profile, name="profile"),
    path("<uuid:import_id>/progress/", outcome.progress, name="progress"),
    path("<uuid:import_id>/start/", outcome.start, name="start"),
    path("<uuid:import_id>/stop/", outcome.stop, name="stop"),
    path("<uuid:import_id>/result/", outcome.result, name="result"),
    path("<uuid:import_id>/refused/", outcome.refused, name="refused"),
    path("<uuid:import_id>/undo/", outcome.undo, name="undo"),
]

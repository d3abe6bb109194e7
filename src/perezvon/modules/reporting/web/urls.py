from django.urls import path

from perezvon.modules.reporting.web import source_report, views

app_name = "reporting"
urlpatterns = [
    path("calls/", views.calls, name="calls"),
    path("calls/list/", views.call_list, name="call_list"),
    path("calls/calls.xlsx", views.calls_xlsx, name="calls_xlsx"),
    path("sources/", source_report.sources, name="sources"),
    path("sources/sources.xlsx", source_report.sources_file, {"form": "xlsx"}, name="sources_xlsx"),
    path("sources/sources.csv", source_report.sources_file, {"form": "csv"}, name="sources_csv"),
]

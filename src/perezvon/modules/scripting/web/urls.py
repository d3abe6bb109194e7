from django.urls import URLPattern

app_name = "scripting"
urlpatterns: list[URLPattern] = []

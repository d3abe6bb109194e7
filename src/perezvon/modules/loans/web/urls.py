from django.urls import path

from perezvon.modules.loans.web import bureau, views

app_name = "loans"
urlpatterns = [
    path("bureau/", bureau.set_up, name="bureau_products"),
    path("bureau/<uuid:interaction_id>/", bureau.bureau, name="bureau"),
    path("<slug:code>/", views.calculator, name="calculator"),
    path("<slug:code>/keep/", views.keep, name="keep"),
]

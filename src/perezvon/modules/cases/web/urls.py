from django.urls import path

from perezvon.foundation.lists.urls import list_urls
from perezvon.modules.cases.lists import Cases, RuleRuns
from perezvon.modules.cases.web import acts, case, editing, marks, overview, rules, setup, solutions, terms

app_name = "cases"
urlpatterns = [
    path("cases/new/", editing.new, name="new"),
    path("cases/overview/", overview.overview, name="overview"),
    path("cases/report/", overview.report, name="report"),
    path("cases/kinds/", setup.kinds, name="kinds"),
    path("cases/kinds/new/", setup.kind, name="kind_new"),
    path("cases/kinds/<int:kind_id>/", setup.kind_page, name="kind"),
    path("cases/kinds/<int:kind_id>/edit/", setup.kind, name="kind_edit"),
    path("cases/kinds/<int:kind_id>/states/new/", setup.state, name="state_new"),
    path("cases/kinds/<int:kind_id>/states/<int:state_id>/", setup.state, name="state"),
    path("cases/kinds/<int:kind_id>/steps/new/", setup.step, name="step_new"),
    path("cases/kinds/<int:kind_id>/steps/<int:step_id>/", setup.step, name="step"),
    path("cases/kinds/<int:kind_id>/steps/<int:step_id>/delete/", setup.step_delete, name="step_delete"),
    path("cases/kinds/<int:kind_id>/categories/new/", setup.category, name="category_new"),
    path("cases/kinds/<int:kind_id>/categories/<int:category_id>/", setup.category, name="category"),
    path("cases/macros/new/", setup.macro, name="macro_new"),
    path("cases/macros/<int:macro_id>/", setup.macro, name="macro"),
    path("cases/terms/", terms.terms, name="terms"),
    path("cases/terms/new/", terms.term, name="term_new"),
    path("cases/terms/<int:term_id>/", terms.term, name="term"),
    path("cases/rules/", rules.rules, name="rules"),
    path("cases/rules/new/", rules.rule, name="rule_new"),
    path("cases/rules/conditions/", rules.conditions, name="rule_conditions"),
    path("cases/rules/<int:rule_id>/", rules.rule, name="rule"),
    path("cases/rules/<int:rule_id>/run/", rules.run, name="rule_run"),
    *list_urls(RuleRuns, "cases/rules/log/", name="rule_runs"),
    path("cases/rules/log/<int:run_id>/", rules.line, name="rule_run_line"),
    path("cases/switch/<slug:what>/<int:key>/", setup.switch, name="switch"),
    *list_urls(Cases, "cases/"),
    path("mark/<str:token>/", marks.public_mark, name="public_mark"),
    path("cases/<uuid:case_id>/", case.case, name="case"),
    path("cases/<uuid:case_id>/look/", case.look, name="look"),
    path("cases/<uuid:case_id>/entries/", case.entries, name="entries"),
    path("cases/<uuid:case_id>/terms/<int:term_id>/", terms.explain, name="explain"),
    path("cases/<uuid:case_id>/solutions/", solutions.solutions, name="solutions"),
    path("cases/<uuid:case_id>/edit/", editing.edit, name="edit"),
    path("cases/<uuid:case_id>/one-more/<uuid:contact_id>/", acts.one_more, name="one_more"),
    path("cases/<uuid:case_id>/<slug:act>/", acts.act, name="act"),
]

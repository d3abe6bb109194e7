"""What is known: written, approved, found, used."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from perezvon.kernel.errors import NotAllowed, NotFound
from perezvon.modules.knowledge import services
from perezvon.modules.knowledge.models import Article, Audience, Section, State, Verdict
from perezvon.modules.knowledge.selectors import (
    Asked,
    consulted_in,
    draft_of,
    find,
    get_article,
    list_for_product,
    list_for_topics,
    list_waiting,
    readable,
    section_tree,
    uses_of,
)
from perezvon.modules.knowledge.services import FieldsWrong, SectionWanted, Wanted
from perezvon.modules.knowledge.tests.conftest import BY, NOW
from perezvon.modules.topics.models import Topic

pytestmark = pytest.mark.django_db


def titles(found) -> list[str]:
    return [hit.article.current.title for hit in found.hits]


class TestWriting:
    @pytest.mark.feature("F12.17")
    @pytest.mark.feature("F12.18")
    def test_a_draft_is_found_by_nobody_until_it_is_approved(self, person, section):
        olga, lisina = person("olga", "operator"), person("lisina", "information_administrator")
        helper = person("helper", "extended_operator")
        wanted = Wanted(section.pk, "Fee was taken twice", brief="It comes back in three days.")
        article = services.write(wanted=wanted, by=helper.actor(), now=NOW)

        assert not find(Asked("fee"), by=olga.actor(), now=NOW).total
        with pytest.raises(NotFound):
            get_article(article.pk, by=olga.actor(), now=NOW)
        with pytest.raises(NotAllowed):
            services.approve(article_id=article.pk, number=1, by=helper.actor(), now=NOW)
        services.submit(article_id=article.pk, by=helper.actor(), now=NOW)
        assert [one.title for one in list_waiting(by=lisina.actor())] == ["Fee was taken twice"]
        services.approve(article_id=article.pk, number=1, by=lisina.actor(), now=NOW)

        assert titles(find(Asked("fees"), by=olga.actor(), now=NOW)) == ["Fee was taken twice"]

    def test_what_is_in_force_stays_while_another_version_is_written(self, put, section):
        article = put("Fee")
        services.change(
            article_id=article.pk, version=article.version, wanted=Wanted(section.pk, "Fees of 2027"), by=BY, now=NOW
        )
        assert titles(find(Asked("fee"), by=BY, now=NOW)) == ["Fee"]

        services.approve(article_id=article.pk, number=2, by=BY, now=NOW)

        assert titles(find(Asked("fee"), by=BY, now=NOW)) == ["Fees of 2027"]
        assert [one.state for one in article.versions.all()] == [State.IN_FORCE, State.REPLACED]
        services.restore_version(article_id=article.pk, number=1, by=BY, now=NOW)
        assert draft_of(article).title == "Fee"

    def test_one_that_is_sent_back_says_why(self, section):
        article = services.write(wanted=Wanted(section.pk, "Fee"), by=BY, now=NOW)
        services.submit(article_id=article.pk, by=BY, now=NOW)
        with pytest.raises(FieldsWrong):
            services.refuse(article_id=article.pk, number=1, why=" ", by=BY, now=NOW)

        services.refuse(article_id=article.pk, number=1, why="Which fee?", by=BY, now=NOW)

        assert article.versions.get().judgement == "Which fee?"
        with pytest.raises(services.NothingWaits):
            services.approve(article_id=article.pk, number=1, by=BY, now=NOW)

    def test_what_may_not_stand_in_it_is_taken_out(self, section):
        wanted = Wanted(section.pk, "Fee", body="<p>a<script>alert(1)</script></p>")

        assert services.write(wanted=wanted, by=BY, now=NOW).versions.get().body == "<p>a</p>"

    def test_a_link_needs_an_address(self, section):
        for url in ("", "javascript:alert(1)", "ftp://a", "https://"):
            with pytest.raises(FieldsWrong) as wrong:
                services.write(wanted=Wanted(section.pk, "Site", kind="link", url=url), by=BY, now=NOW)
            assert set(wrong.value.facts["problems"]) == {"url"}

    def test_two_who_write_at_once(self, put, section):
        article = put("Fee")
        services.change(article_id=article.pk, version=article.version, wanted=Wanted(section.pk, "A"), by=BY, now=NOW)

        with pytest.raises(services.Changed):
            services.change(
                article_id=article.pk, version=article.version, wanted=Wanted(section.pk, "B"), by=BY, now=NOW
            )


class TestSeeing:
    def test_from_when_and_until_when_it_is_shown(self, put):
        put("Sale", shown_from=NOW + timedelta(hours=1), shown_until=NOW + timedelta(hours=2))

        found = [bool(find(Asked("sale"), by=BY, now=NOW + timedelta(hours=hours)).total) for hours in (0, 1, 2)]

        assert found == [False, True, False]

    def test_a_section_of_another_project_is_closed(self, put, person, cards):
        own = Section.objects.create(code="own", name={"en": "Own"}, project=cards)
        article = put("Cards only", section_id=own.pk)
        olga, petr = person("olga", "operator"), person("petr", "operator", cards)

        assert not readable(olga.actor(), NOW).exists()
        assert not find(Asked(str(article)), by=olga.actor(), now=NOW).total
        assert titles(find(Asked(str(article)), by=petr.actor(), now=NOW)) == ["Cards only"]
        assert [str(node.section) for node in section_tree(by=olga.actor(), now=NOW)] == ["Cards"]

    @pytest.mark.feature("F12.20", partly="the portal, where customers look")
    def test_what_customers_see_of_it_is_said(self, put):
        assert put("Fee", audience=Audience.BRIEF).audience == "brief"


class TestFinding:
    @pytest.mark.feature("F12.09", partly="orders of service and of work: those modules are not there yet")
    def test_words_are_found_in_all_their_forms(self, put, person):
        put("Возврат комиссии по карте", "Вернём за три дня.")
        put("Blocked cards", "Ask for the code word.")
        olga = person("olga", "operator").actor()

        for text, title in (
            ("вернуть комиссию", "Возврат комиссии по карте"),
            ("комиссий карты", "Возврат комиссии по карте"),
            ("card block", "Blocked cards"),
            ("kb-" + str(Article.objects.get(current__title="Blocked cards").number), "Blocked cards"),
        ):
            assert titles(find(Asked(text), by=olga, now=NOW))[:1] == [title], text

    def test_a_slip_of_the_finger_finds_a_title_that_looks_alike(self, put):
        put("Chargeback")

        found = find(Asked("chagreback"), by=BY, now=NOW)

        assert titles(found) == ["Chargeback"]
        assert found.widened

    def test_a_word_too_many_does_not_bury_what_has_all_the_others(self, put):
        for number in range(5):
            put(f"Card No. {number}", "Limit of the card.")
        put("Limit of transfers abroad", "Raised in the office.")

        found = find(Asked("please raise limit transfers"), by=BY, now=NOW)

        assert titles(found) == ["Limit of transfers abroad"]
        assert found.widened

    def test_words_that_mean_the_same(self, put):
        put("Plastic is lost")
        assert not find(Asked("card"), by=BY, now=NOW).total

        services.save_synonyms(synonyms_id=None, text="card, plastic", by=BY, now=NOW)

        assert titles(find(Asked("card"), by=BY, now=NOW)) == ["Plastic is lost"]

    @pytest.mark.feature("F12.10")
    def test_one_says_how_many_and_where(self, put, section):
        for number in range(30):
            put(f"Fee No. {number}")
        other = Section.objects.create(code="other", name={"en": "Other"})
        put("Fee elsewhere", section_id=other.pk)

        assert len(find(Asked("fee"), by=BY, now=NOW).hits) == 20
        assert len(find(Asked("fee", shown=50), by=BY, now=NOW).hits) == 31
        assert titles(find(Asked("fee", sections=[other.pk]), by=BY, now=NOW)) == ["Fee elsewhere"]

    @pytest.mark.feature("F12.11")
    @pytest.mark.feature("X.31")
    def test_of_two_alike_the_one_that_helped_stands_first(self, put):
        for title in ("Fee returned", "Fee returned"):
            put(title)
        second = Article.objects.order_by("number").last()
        for _each in range(3):
            services.take(
                article_id=second.pk, subject="contact", record=uuid4(), verdict=Verdict.SOLVED, by=BY, now=NOW
            )

        hits = find(Asked("fee returned"), by=BY, now=NOW).hits

        assert hits[0].article == second
        assert hits[0].score > hits[1].score > 0
        assert hits[0].match == hits[1].match

    def test_costs_a_fixed_number_of_queries(self, put, django_assert_max_num_queries):
        for number in range(25):
            put(f"Fee No. {number}")

        with django_assert_max_num_queries(7):
            find(Asked("fee"), by=BY, now=NOW)

    @pytest.mark.parametrize("text", ["", "   ", "'", "& | ! ( )", "a" * 5000, "\u0130", "<->", "KB-", "-"])
    def test_rubbish_finds_nothing_and_breaks_nothing(self, put, text):
        put("Fee")

        assert find(Asked(text), by=BY, now=NOW).total == 0


class TestServing:
    @pytest.mark.feature("F12.15", partly="work orders (orders)")
    @pytest.mark.feature("F12.16", partly="work orders (orders)")
    def test_what_it_was_taken_for_is_counted_once(self, put):
        article, record = put("Fee"), uuid4()

        for verdict in (Verdict.USED, Verdict.USED, Verdict.NOT_SOLVED, Verdict.SOLVED):
            services.take(article_id=article.pk, subject="case", record=record, verdict=verdict, by=BY, now=NOW)

        article.refresh_from_db()
        assert (article.used, article.solved, article.not_solved) == (1, 1, 0)
        assert [(one.subject, one.record, one.verdict) for one in uses_of(article)] == [("case", record, "solved")]

    def test_it_is_written_down_once_that_it_was_opened(self, put, person):
        article, contact, olga = put("Fee"), uuid4(), person("olga", "operator")

        for _twice in range(2):
            services.consult(article_id=article.pk, contact=contact, by=olga.actor(), now=NOW)

        assert [one.article.current.title for one in consulted_in(contact)] == ["Fee"]

    def test_articles_of_a_topic_and_of_a_product(self, put, loans):
        topic = Topic.objects.create(project=loans, name={"en": "Fees"})
        put("Fee", topic_ids=frozenset({topic.pk}))
        put("Other")

        assert [one.current.title for one in list_for_topics([topic.pk], by=BY, now=NOW)] == ["Fee"]
        assert list_for_product(0, by=BY, now=NOW) == []

    def test_what_was_looked_for_in_vain_is_counted(self):
        for text in ("Crypto wallet", "crypto  wallet", "ab"):
            services.note_unanswered(text, NOW)

        assert [(one.text, one.asked) for one in services.Unanswered.objects.all()] == [("crypto wallet", 2)]


class TestTree:
    def save(self, code: str, **more):
        section_id, version = more.pop("section_id", None), more.pop("version", 0)
        wanted = SectionWanted(code, {"en": code}, **more)
        return services.save_section(section_id=section_id, version=version, wanted=wanted, by=BY, now=NOW)

    @pytest.mark.feature("F12.01")
    @pytest.mark.feature("F12.08")
    def test_counts_what_is_below(self, put):
        top = self.save("top", is_library=True)
        below = self.save("below", parent_id=top.pk)
        put("Fee", section_id=below.pk)

        root = next(one for one in section_tree(by=BY, now=NOW) if one.section == top)

        assert (root.count, root.section.is_library, [one.count for one in root.children]) == (1, True, [1])

    def test_nothing_stands_in_itself(self):
        top = self.save("top")
        below = self.save("below", parent_id=top.pk)

        for parent in (top.pk, below.pk):
            with pytest.raises(FieldsWrong):
                self.save("top", section_id=top.pk, version=1, parent_id=parent)

    @pytest.mark.feature("F12.03")
    def test_is_arranged_by_who_may(self, person):
        wanted = SectionWanted("new", {"en": "New"})
        with pytest.raises(NotAllowed):
            services.save_section(
                section_id=None, version=0, wanted=wanted, by=person("l", "supervisor").actor(), now=NOW
            )
        for login, role in (("i", "information_administrator"), ("s", "system_administrator")):
            services.save_section(
                section_id=None, version=0, wanted=SectionWanted(login, {"en": login}), by=person(login, role).actor(),
                now=NOW,
            )  # fmt: skip
        assert Section.objects.filter(code__in=["i", "s"]).count() == 2

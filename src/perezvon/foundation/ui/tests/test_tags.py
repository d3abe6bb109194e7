"""Icons, attributes and values as people read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils import translation

from perezvon.foundation.ui.templatetags import ui

NOW = datetime(2026, 11, 22, 7, 14, 2, tzinfo=UTC)  # 10:14 in Moscow


@pytest.fixture(autouse=True)
def russian():
    with translation.override("ru"):
        yield


class TestValues:
    @pytest.mark.parametrize(
        ("length", "shown"),
        [(42, "0:42"), (192.9, "3:12"), (3734, "1:02:14"), (timedelta(seconds=5), "0:05"), (None, ""), (-3, "0:00")],
    )
    def test_durations(self, length, shown):
        assert ui.duration(length) == shown

    @pytest.mark.parametrize(
        ("language", "length", "shown"),
        [
            ("ru", timedelta(days=1), "1 дн. 0 ч"),
            ("ru", timedelta(hours=1049, minutes=15), "43 дн. 17 ч"),
            ("en", timedelta(hours=25), "1 day 1 hr"),
            ("en", timedelta(hours=1049), "43 days 17 hr"),
        ],
    )
    def test_long_durations_are_told_in_days(self, language, length, shown):
        with translation.override(language):
            assert ui.duration(length).replace(ui.NO_BREAK, " ") == shown

    @pytest.mark.parametrize(
        ("number", "shown"),
        [
            ("79161234567", "+7 916 123-45-67"),
            ("8 (916) 123-45-67", "+7 916 123-45-67"),
            ("84951234567, доб. 210", "+7 495 123-45-67, доб. 210"),
            ("2110", "2110"),
            ("", ""),
        ],
        ids=["digits", "as typed", "with an extension", "an internal number stays", "nothing"],
    )
    def test_phone_numbers(self, number, shown):
        assert ui.phone(number).replace(ui.NO_BREAK, " ") == shown

    @pytest.mark.parametrize(
        ("amount", "shown"),
        [(12840, "12 840 ₽"), (Decimal("490.50"), "490,50 ₽"), (Decimal("7.00"), "7 ₽"), (None, "")],
    )
    def test_money_never_breaks_over_lines(self, amount, shown):
        assert ui.money(amount) == shown.replace(" ", ui.NO_BREAK)

    @pytest.mark.parametrize(
        ("name", "letters"), [("Мария Иванова", "МИ"), ("ООО «Вега»", "ОВ"), ("Ким", "К"), (None, "")]
    )
    def test_initials(self, name, letters):
        assert ui.initials(name) == letters

    @pytest.mark.parametrize(
        ("ago", "shown"),
        [
            (timedelta(minutes=1), "10:13"),
            (timedelta(hours=11), "вчера 23:14"),
            (timedelta(days=-1), "завтра 10:14"),
            (timedelta(days=13), "9 ноября"),
            (timedelta(days=400), "18.10.2025"),
        ],
        ids=["today", "yesterday by the calendar", "tomorrow", "this year", "another year"],
    )
    def test_moments_stand_in_the_zone_of_the_person(self, ago, shown):
        assert ui.when(NOW - ago, NOW).replace(ui.NO_BREAK, " ") == shown

    @pytest.mark.parametrize(
        ("hotkey", "printed"),
        [("F2", "F2"), ("Shift+F2", "⇧F2"), ("Alt+M", "Alt M"), ("Ctrl+Enter", "Ctrl ↵")],
    )
    def test_keys_as_printed(self, hotkey, printed):
        assert ui.keys(hotkey) == printed


class TestIcons:
    def test_stand_beside_a_word_or_speak_for_themselves(self):
        assert 'aria-hidden="true"' in ui.icon("phone")
        assert 'aria-label="Звонок"' in ui.icon("phone", "Звонок")

    def test_an_unknown_one_is_a_mistake(self):
        with pytest.raises(TemplateSyntaxError, match="no icon 'fone'"):
            ui.icon("fone")


class TestTimers:
    def test_go_on_from_what_the_server_wrote(self):
        drawn = ui.timer(NOW - timedelta(seconds=134), NOW)

        assert drawn.startswith("<cc-timer")
        assert ">2:14<" in drawn
        assert 'since="2026-11-22T07:11:48+00:00"' in drawn

    def test_a_countdown_stops_at_nothing(self):
        assert ">0:00<" in ui.countdown(NOW - timedelta(seconds=5), NOW)


@dataclass(frozen=True, slots=True)
class Words:
    text: str
    tone: str = "good"


def rendered(source: str, **values: object) -> str:
    return Template(source).render(Context(values))


class TestPieces:
    def test_attributes_are_escaped_and_named_with_dashes(self):
        drawn = rendered(
            "{% attrs hx_get=url disabled=yes hidden=no as a %}"
            '{% include "ui/button.html" with label="x" attrs=a only %}',
            url='/a/?b="c"&d',
            yes=True,
            no=False,
        )

        assert ' hx-get="/a/?b=&quot;c&quot;&amp;d" disabled>' in drawn
        assert "hidden" not in drawn

    @pytest.mark.parametrize("values", [{"text": "<b>"}, Words("<b>")], ids=["a mapping", "a dataclass"])
    def test_draw_takes_a_piece_with_its_whole_context_and_nothing_else(self, values):
        drawn = rendered('{% draw "ui/chip.html" values %}', values=values, dot=True)

        assert "&lt;b&gt;" in drawn
        assert "dot" not in drawn

    def test_piece_wraps_what_stands_inside(self):
        drawn = rendered('{% piece "ui/card.html" title="Итог" %}<p>{{ text }}</p>{% endpiece %}', text="<i>")

        assert "<p>&lt;i&gt;</p>" in drawn
        assert "Итог" in drawn

"""Conversations of the demo's past contacts: led by the bank's own scenarios, through the real stepper, by somebody who
answers as people do. The same contacts make the same conversations."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from perezvon.cores.conditions import Type, Value
from perezvon.cores.scripting import Stage, View, begin, look, step
from perezvon.cores.scripting.model import Answer, Ask, Do, Done, Effect, Field, JumpTo, NotNow, Run, Stored, Tick
from perezvon.foundation.access import System
from perezvon.foundation.commands.models import CommandRecord
from perezvon.foundation.commands.services import intent
from perezvon.modules.interactions.models import Interaction, InteractionTopic
from perezvon.modules.scripting.actions import actions
from perezvon.modules.scripting.models import Direction, Form, Scenario, Whom
from perezvon.modules.scripting.selectors import list_offered
from perezvon.modules.scripting.services import PastTalk, record_past_runs, stage_for
from perezvon.project.demo.day import id_of
from perezvon.project.demo.history import Centre, History

BY = System(name="demo")
LED_SHARE = 0.6  # of contacts; the others are short, or led by heart
ASKED_SHARE = 0.1  # of those are asked afterwards how they liked it
_JUMP_SHARE, _LEFT_SHARE, _FAILED_SHARE, _SKIPPED_SHARE = 0.025, 0.008, 0.03, 0.25
_SURE_SHARE = 0.88  # of customers answer right when they are identified
_NEW_WAY = 4  # times as often as one that was gone already
_MOST_TURNS = 80
_SIGNS_A_SECOND = 22  # read aloud with skips, as those do who know it
_AMOUNTS = (15, 30, 45, 60, 80, 120, 250, 400)


@dataclass(frozen=True, slots=True)
class Talker:
    """Who leads a conversation, and who answers. comments: what is written where words are asked for."""

    chance: random.Random
    comments: Sequence[str]

    def talk(self, stage: Stage, key: str, run_id: UUID, context: Mapping[str, Value], *, since: datetime,
             until: datetime, language: str = "ru") -> Run:  # fmt: skip
        """From its beginning to its end, or to where it was left: `until` is the end of the contact."""
        turn = begin(stage, key, run_id=str(run_id), language=language, context=context, now=since)
        run, now, effects = turn.run, since, list(turn.effects)
        for _turn in range(_MOST_TURNS):
            run = self._act(stage, run, effects, now)
            view = look(stage, run, now)
            now += timedelta(seconds=self._stay_s(view))
            if view.ended_at or view.waits or now > until or self.chance.random() < _LEFT_SHARE:
                break
            run, effects = self._go_on(stage, run, view, now)
        return run

    def _act(self, stage: Stage, run: Run, effects: list[Effect], now: datetime) -> Run:
        """Actions come to their end."""
        while effects:
            effect = effects.pop(0)
            if isinstance(effect, Do):
                is_done = self.chance.random() >= _FAILED_SHARE
                turn = step(stage, run, Done(effect.effect, ok=is_done, facts=self._found(effect.does)), now)
                run = turn.run
                effects += turn.effects
        return run

    def _found(self, does: str) -> dict[str, Value]:
        action = actions().get(does)
        flags = [code for code, term in action.facts.items() if term.type == Type.FLAG] if action else []
        return {code: self.chance.random() < _SURE_SHARE for code in flags}

    def _go_on(self, stage: Stage, run: Run, view: View, now: datetime) -> tuple[Run, list[Effect]]:
        for phrase in view.phrases:
            run = step(stage, run, Tick(phrase.code), now).run
        if view.jumps and self.chance.random() < _JUMP_SHARE:
            turn = step(stage, run, JumpTo(self.chance.choice(view.jumps)[0]), now)
            return turn.run, list(turn.effects)
        values = {one.field.code: self._answer(one.field, now) for one in view.fields if not one.fixed}
        ways = [one for one in view.ways if not one.locked]
        gone = {one.way for one in run.path}
        weights = [1 if one.code in gone else _NEW_WAY for one in ways]
        chosen = self.chance.choices(ways, weights)[0].code if ways else ""
        try:
            turn = step(stage, run, Answer(values, chosen), now)
        except NotNow:
            return run, []  # he has to say it otherwise: the next turn
        return turn.run, list(turn.effects)

    def _stay_s(self, view: View) -> float:
        signs = len(view.text) + sum(len(one.text) for one in view.phrases)
        usual = 3 + signs / _SIGNS_A_SECOND + 5 * len(view.fields)
        return usual * self.chance.lognormvariate(0, 0.45)

    def _answer(self, field: Field, now: datetime) -> Stored:
        if not field.required and self.chance.random() < _SKIPPED_SHARE:
            return () if field.ask in {Ask.MANY, Ask.MATRIX} else ""
        chance, codes = self.chance, [one.code for one in field.options]
        match field.ask:
            case Ask.ONE if codes:
                return chance.choices(codes, [len(codes) - at + 1 for at in range(len(codes))])[0]
            case Ask.MANY if codes:
                return tuple(sorted(chance.sample(codes, chance.randint(1, min(3, len(codes))))))
            case Ask.MATRIX if codes:
                return tuple(f"{row.code}:{chance.choice(codes)}" for row in field.rows)
            case Ask.FLAG:
                return chance.choices(["yes", "no"], [4, 1])[0]
            case Ask.NUMBER | Ask.SCALE:
                return self._number(field)
            case Ask.DAY:
                return (now + timedelta(days=chance.randint(1, 6))).date().isoformat()
            case Ask.MOMENT:
                return (now + timedelta(days=chance.randint(1, 6))).replace(microsecond=0).isoformat()
            case Ask.PHONE:
                return f"+79{chance.randrange(10**9):09}"
            case _:
                return chance.choice(self.comments)

    def _number(self, field: Field) -> str:
        """Of a scale, more of the upper half: most people are content."""
        if field.least is not None and field.most is not None:
            least, most = int(field.least), int(field.most)
            return str(round(self.chance.triangular(least, most, most - (most - least) / 5)))
        return str(int(field.least or 0) + self.chance.choice(_AMOUNTS) * 1000)


@dataclass(frozen=True, slots=True)
class Led:
    """A scenario, and what it is led on. topics: of the contacts that it is made for."""

    scenario: Scenario
    stage: Stage
    topics: frozenset[int]


def load_conversations(history: History, centre: Centre) -> Iterator[tuple[date, int]]:
    """Put in those that are missing, day by day, newest first; tells how many. A second load finds nothing to do."""
    offered = read_offered()
    days = {day: id_of("demo conversations", day, history.seed) for day in history.dates(centre.zone)}
    known = set(CommandRecord.objects.filter(pk__in=days.values()).values_list("pk", flat=True))
    for day, command_id in days.items():
        if command_id in known:
            continue
        talks = list(talks_of(day, offered, history, centre))
        with intent(command_id):
            yield day, record_past_runs(talks=talks, by=BY, now=history.now)


def read_offered() -> list[Led]:
    """What an incoming contact with anybody can be led by."""
    return [
        Led(one, stage_for(one, by=BY), frozenset(topic.pk for topic in one.topics.all()))
        for one in list_offered(by=BY)
        if one.direction != Direction.OUT and one.whom == Whom.ANY
    ]


def talks_of(day: date, offered: Sequence[Led], history: History, centre: Centre) -> Iterator[PastTalk]:
    """Of the contacts of a day, in their order."""
    begins = datetime.combine(day, datetime.min.time(), centre.zone)
    found = Interaction.objects.filter(began_at__gte=begins, began_at__lt=begins + timedelta(days=1))
    contacts = found.filter(answered_at__isnull=False, done_at__lte=history.now).select_related("customer", "project")
    topics: dict[UUID, set[int]] = {}
    for key, topic in InteractionTopic.objects.filter(interaction__in=contacts).values_list("interaction", "topic"):
        topics.setdefault(key, set()).add(topic)
    conversations = [one for one in offered if one.scenario.form == Form.CONVERSATION]
    surveys = [one for one in offered if one.scenario.form == Form.QUESTIONNAIRE]
    for contact in contacts.order_by("began_at", "pk"):
        chance = random.Random(f"conversation {contact.pk} {history.seed}")  # noqa: S311 - repeatable on purpose
        if chance.random() >= LED_SHARE or not conversations:
            continue
        led = _fitting(conversations, topics.get(contact.pk, set()), chance)
        talk = _talk(led, contact, chance, centre)
        yield talk
        if surveys and talk.talk.ended_at and chance.random() < ASKED_SHARE:
            yield _talk(surveys[-1], contact, chance, centre, since=talk.talk.ended_at)


def _fitting(offered: Sequence[Led], topics: set[int], chance: random.Random) -> Led:
    """Half of those who talk of what has a scenario of its own are led by it; the others by the first of all."""
    own = [one for one in offered if one.topics & topics]
    return chance.choice(own) if own and chance.random() < 0.5 else offered[0]


def _talk(led: Led, contact: Interaction, chance: random.Random, centre: Centre, since: datetime | None = None
          ) -> PastTalk:  # fmt: skip
    began = contact.answered_at
    assert began is not None  # noqa: S101  (only those were asked for)
    since = since or began + timedelta(seconds=chance.uniform(1, 6))
    until = (contact.done_at or began) + timedelta(minutes=2)
    run_id = id_of("demo conversation", contact.pk, led.scenario.code)
    context = {**dict.fromkeys(led.stage.known), **_known_of(contact, chance)}
    talker = Talker(chance, centre.talks.comments)
    talk = talker.talk(led.stage, led.scenario.code, run_id, context, since=since, until=until)
    return PastTalk(contact, led.scenario, talk, contact.agent_id)


def _known_of(contact: Interaction, chance: random.Random) -> dict[str, Value]:
    customer = contact.customer
    return {
        "customer.known": customer is not None,
        "customer.name": str(customer) if customer else None,
        "contact.direction": contact.direction,
        "contact.channel": contact.channel,
        "contact.number": contact.address or None,
        "contact.identified": False,
        "contact.wants_identification": customer is not None and chance.random() < 0.4,
        "contact.previous": chance.randrange(5),
        "project.name": str(contact.project),
    }

"""`perezvon bench knowledge`: how fast the base answers, and how well it orders what it finds.

Goals with the 20,000 articles of the default: a search in 150 ms, an article and what is known of a product in 50 ms,
95 of a hundred times. A fifth of the questions ask in words of the article, the others in other forms of them. An
article answers a question fully when it is about both its product and its problem, half when about its problem alone.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from importlib import resources
from itertools import product
from math import log2
from typing import Any

import yaml
from django.db import connection

from bench.ground import own_database, percentiles
from perezvon.foundation import clock
from perezvon.foundation.access import Actor
from perezvon.foundation.people.models import Project, Role, User
from perezvon.kernel.ids import uuid7
from perezvon.modules.catalogue.models import Product, ProductKind
from perezvon.modules.knowledge.models import Article, ArticleVersion, Kind, Section, State
from perezvon.modules.knowledge.selectors import Asked, find, get_article, list_for_product
from perezvon.modules.knowledge.services import index

SEED, BATCH, LOOKED_AT = 7, 1_000, 10
GOALS_MS = {"search": 150, "open": 50, "product": 50}
QUESTIONS = 60


def main(arguments: list[str]) -> dict[str, object]:
    """Percentiles, each with its goal; nDCG of the first ten and how often the first one is right."""
    given = _read(arguments)
    words = yaml.safe_load(resources.files("bench").joinpath("blueprints/knowledge.yaml").read_text("utf-8"))
    found: dict[str, object] = {"articles": given.articles, "rounds": given.rounds}
    with own_database(f"knowledge_{given.articles}", clean=given.clean):
        found["seed_s"] = _seed(given.articles, words)
        by, now, chance = _operator().actor(), clock.now(), random.Random(SEED)
        asked = list(_questions(words, chance))
        texts = [text for text, _product, _problem in asked]
        keys = list(Article.objects.order_by("number").values_list("pk", flat=True)[:500])
        products = list(Product.objects.values_list("pk", flat=True))
        acts: dict[str, Callable[[], object]] = {
            "search": lambda: find(Asked(chance.choice(texts)), by=by, now=now),
            "open": lambda: get_article(chance.choice(keys), by=by, now=now),
            "product": lambda: list_for_product(chance.choice(products), by=by, now=now),
        }
        for name, act in acts.items():
            found |= {f"{name}_{key}": value for key, value in _timed(act, given.rounds).items()}
            found[f"{name}_goal_p95_ms"] = GOALS_MS[name]
        found |= _judged(asked, words, by, now)
    return found


def _read(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="perezvon bench knowledge", description=__doc__.partition("\n")[0])
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--clean", action="store_true", help="begin with a new database")
    return parser.parse_args(arguments)


def _seed(articles: int, words: dict[str, Any]) -> float:
    """Seconds that it took; 0 when they were there. Each pair of a product and a problem stands in several articles."""
    if Article.objects.exists():
        return 0.0
    began, now, chance = time.perf_counter(), clock.now() - timedelta(days=1), random.Random(SEED)
    section = Section.objects.create(code="bench", name={"en": "Bench"}, is_library=True)
    kind = ProductKind.objects.create(code="bench", name={"en": "Bench"})
    names = words["products"]
    products = [Product.objects.create(code=f"p{n}", name={"ru": name}, kind=kind) for n, name in enumerate(names)]
    pairs = list(product(range(len(names)), range(len(words["problems"]))))
    for begin in range(0, articles, BATCH):
        numbers = range(begin, min(articles, begin + BATCH))
        _put([_made(n, pairs[n % len(pairs)], words, section, chance, now) for n in numbers], products, pairs)
    with connection.cursor() as cursor:
        cursor.execute(
            "VACUUM ANALYZE knowledge_section, knowledge_article, knowledge_articleversion, knowledge_article_products"
        )
    return round(time.perf_counter() - began, 1)


def _made(
    number: int, pair: tuple[int, int], words: dict[str, Any], section: Section, chance: random.Random, now: datetime
) -> tuple[Article, ArticleVersion]:
    about, problem = words["products"][pair[0]], words["problems"][pair[1]][0]
    used = int(chance.paretovariate(1.2)) - 1
    article = Article(
        id=uuid7(now), number=100_000 + number, section=section, kind=Kind.SOLUTION, shown_from=now, created_at=now,
        used=used, solved=used * 2 // 3, not_solved=used // 6,
    )  # fmt: skip
    said = chance.choices(words["sentences"], k=12)
    others = chance.choices(words["problems"], k=2)  # what it only mentions, as articles do
    body = "".join(f"<p>{line}</p>" for line in [f"{problem}: {about.lower()}.", *said, *(one[0] for one in others)])
    version = ArticleVersion(
        article=article, number=1, title=f"{problem}: {about.lower()}, {number // 400 + 1}",
        brief=said[0], body=body, state=State.IN_FORCE, written_at=now,
    )  # fmt: skip
    return article, version


def _put(
    made: Sequence[tuple[Article, ArticleVersion]], products: Sequence[Product], pairs: Sequence[tuple[int, int]]
) -> None:
    Article.objects.bulk_create(article for article, _version in made)
    ArticleVersion.objects.bulk_create(version for _article, version in made)
    for article, version in made:
        index(version)
        article.current = version
    Article.objects.bulk_update([article for article, _version in made], ["current"])
    links = Article.products.through
    links.objects.bulk_create(
        links(article=article, product=products[pairs[(article.number - 100_000) % len(pairs)][0]])
        for article, _version in made
    )


def _questions(words: dict[str, Any], chance: random.Random) -> Iterator[tuple[str, int, int]]:
    """Text, product, problem."""
    pairs = list(product(range(len(words["products"])), range(len(words["problems"]))))
    for number, (about, problem) in enumerate(chance.sample(pairs, QUESTIONS)):
        said = words["problems"][problem][0 if number % 5 == 0 else 1]
        yield f"{said} {words['products'][about]}".lower(), about, problem


def _timed(act: Callable[[], object], rounds: int) -> dict[str, float]:
    act()
    times = []
    for _round in range(rounds):
        began = time.perf_counter()
        act()
        times.append((time.perf_counter() - began) * 1000)
    return percentiles(times)


def _judged(
    asked: Sequence[tuple[str, int, int]], words: dict[str, Any], by: Actor, now: datetime
) -> dict[str, object]:
    """How well the first ten are ordered, against the best order there could be (nDCG), and right first ones."""
    gains, firsts, empty = [], 0, 0
    for text, about, problem in asked:
        hits = find(Asked(text, shown=LOOKED_AT), by=by, now=now).hits
        worth = [_worth(hit.article.number - 100_000, words, about, problem) for hit in hits]
        gains.append(_gain(worth) / _gain([2.0] * LOOKED_AT))
        firsts += bool(worth) and worth[0] == 2.0
        empty += not worth
    count = len(asked)
    return {
        "questions": count,
        "ndcg_at_10": round(sum(gains) / count, 3),
        "first_right_share": round(firsts / count, 3),
        "found_nothing": empty,
    }


def _worth(number: int, words: dict[str, Any], about: int, problem: int) -> float:
    problems = len(words["problems"])
    of_product, of_problem = divmod(number % (len(words["products"]) * problems), problems)
    return 2.0 if (of_product, of_problem) == (about, problem) else 1.0 if of_problem == problem else 0.0


def _gain(worth: Sequence[float]) -> float:
    return sum((2**one - 1) / log2(place + 2) for place, one in enumerate(worth))


def _operator() -> User:
    values = {"first_name": "Bench", "last_name": "Reader", "role": Role.objects.get(code="operator")}
    user = User.objects.get_or_create(login="bench-knowledge", defaults=values)[0]
    user.projects.set(Project.objects.all())
    return user

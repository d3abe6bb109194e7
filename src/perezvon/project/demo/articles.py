"""What the demo's people can look up: the tree and the articles of the blueprint's own list."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from importlib import resources

import xlsxwriter
import yaml
from pydantic import BaseModel

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import intent
from perezvon.foundation.files import store
from perezvon.foundation.files.models import File
from perezvon.foundation.files.services import attach
from perezvon.modules.knowledge import services
from perezvon.modules.knowledge.models import Article, Audience, Kind, Section
from perezvon.modules.knowledge.selectors import FILES_KIND
from perezvon.project.demo.day import id_of

_WRITTEN_BEFORE = timedelta(days=60)
_CHECKED_EVERY = timedelta(days=180)


class Branch(BaseModel):
    code: str
    name: dict[str, str]
    library: bool = False
    below: list[Branch] = []


class Known(BaseModel):
    """used, solved, not_solved: how it has served by now. table: rows of a spreadsheet that lies with it; its name.

    translates: the title of what it says in another language.
    """

    title: str
    section: str
    kind: Kind = Kind.ARTICLE
    audience: Audience = Audience.STAFF
    keywords: str = ""
    brief: str = ""
    body: str = ""
    url: str = ""
    operation: str = ""
    language: str = "ru"
    translates: str = ""
    table_name: str = ""
    table: list[list[str | int]] = []
    used: int = 0
    solved: int = 0
    not_solved: int = 0


class Base(BaseModel):
    sections: list[Branch]
    synonyms: list[list[str]]
    articles: list[Known]


def load_articles(blueprint: str, *, by: Actor, now: datetime) -> None:
    """Put in what is missing. by: the author of all of it."""
    text = resources.files("perezvon.project.blueprints").joinpath(f"{blueprint}_articles.yaml").read_text("utf-8")
    base = Base.model_validate(yaml.safe_load(text))
    _sections(base.sections, None, by, now)
    for words in base.synonyms:
        with intent(id_of("demo synonyms", words[0])):
            services.save_synonyms(synonyms_id=None, text=", ".join(words), by=by, now=now)
    for known in base.articles:
        _article(known, by, now - _WRITTEN_BEFORE)


def _sections(branches: list[Branch], parent: int | None, by: Actor, now: datetime) -> None:
    for place, branch in enumerate(branches):
        wanted = services.SectionWanted(
            branch.code, branch.name, parent_id=parent, is_library=branch.library, position=place
        )
        with intent(id_of("demo section", branch.code)):
            section = services.save_section(section_id=None, version=0, wanted=wanted, by=by, now=now)
        _sections(branch.below, section.pk, by, now)


def _article(known: Known, by: Actor, at: datetime) -> None:
    original = Article.objects.get(current__title=known.translates).pk if known.translates else None
    wanted = services.Wanted(
        Section.objects.get(code=known.section).pk, known.title, known.kind, known.keywords, known.brief, known.body,
        known.url, known.operation, known.language, original, known.audience, shown_from=at,
        check_by=(at + _CHECKED_EVERY).date(),
    )  # fmt: skip
    with intent(id_of("demo article", known.title)):
        article = services.write(wanted=wanted, by=by, now=at)
    if article.current_id is None:
        with intent(id_of("demo article approved", known.title)):
            services.approve(article_id=article.pk, number=1, by=by, now=at)
        served = {"used": known.used, "solved": known.solved, "not_solved": known.not_solved}
        Article.objects.filter(pk=article.pk).update(**served)
    if known.table and not File.objects.of(FILES_KIND, article.pk).exists():
        with intent(id_of("demo article table", known.title)):
            content = store.put([_spreadsheet(known.table_name.partition(".")[0][:31], known.table)], most=1 << 20)
            attach(kind=FILES_KIND, record_id=article.pk, content=content, name=known.table_name, by=by, now=at)


def _spreadsheet(name: str, rows: list[list[str | int]]) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return made.getvalue()

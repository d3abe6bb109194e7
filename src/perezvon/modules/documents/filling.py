"""Templates with places in them: what may stand there, and what becomes of it. No Django, no IO.

A template is Jinja, of which only what is harmless is let through: names of known fields, conditions, loops over known
lists, a few filters. There is no call, no assignment and no arithmetic, loops stand in one another once at most, lists
have an end and so has the result. So whatever somebody writes, it costs little and shows nothing but the fields.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from jinja2 import ChainableUndefined, Template, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

MOST_ROWS = 500
MOST_LOOPS, DEEPEST = 20, 2
MOST_LETTERS = 3_000_000
LONGEST_SOURCE = 2_000_000
_LOOP = dict.fromkeys(("index", "first", "last", "length"))
_NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


class Closed:
    """Of a field that not everybody may read who sees the record."""


CLOSED = Closed()

# Known names: a field is None or CLOSED, a group or the rows of a list are what they have in turn.
type Known = Mapping[str, Known | Closed | None]
type Scope = Mapping[str, Known | Closed | None]
type Words = Callable[[date | Decimal | bool | None, str], str]


class TooMuch(TemplateError):
    """The result would be longer than any document."""


class NotFit(TemplateError):
    """The template has something that may not stand in it. problems: all of it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(", ".join(f"{one.code} {one.what}" for one in problems))
        self.problems = list(problems)


@dataclass(frozen=True, slots=True)
class Problem:
    """code: place.unknown, place.whole, place.forbidden, place.list,
    place.loops, place.long, place.syntax. what: as it stands there."""

    code: str
    what: str


class _Limited(Template):
    def render(self, *args: Any, **kwargs: Any) -> str:
        parts, size = list[str](), 0
        for part in self.generate(*args, **kwargs):
            size += len(part)
            if size > MOST_LETTERS:
                raise TooMuch("too long")
            parts.append(part)
        return "".join(parts)


_FILTERS = ("upper", "lower", "capitalize", "title", "default", "join", "length", "first", "last", "trim")
_OWN_FILTERS = ("long", "short", "time")
_TESTS = ("defined", "undefined", "none")
_HARMLESS = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Const, nodes.If, nodes.For,
    nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Filter, nodes.Test,
    nodes.Concat,
)  # fmt: skip
_NAMES: dict[type[nodes.Node], str] = {
    nodes.Call: "( )", nodes.Assign: "set", nodes.AssignBlock: "set", nodes.Getitem: "[ ]", nodes.Macro: "macro",
    nodes.Include: "include", nodes.Import: "import", nodes.FromImport: "import", nodes.Extends: "extends",
    nodes.Block: "block", nodes.Mul: "*", nodes.Add: "+", nodes.Sub: "-", nodes.Div: "/", nodes.Pow: "**",
    nodes.FilterBlock: "filter", nodes.CallBlock: "call", nodes.With: "with", nodes.List: "[ ]", nodes.Dict: "{ }",
}  # fmt: skip


class Environment(ImmutableSandboxedEnvironment):
    """For templates that may say what is `known`; refuses others before they run."""

    template_class = _Limited

    def __init__(self, known: Known, words: Words) -> None:
        super().__init__(autoescape=True, undefined=ChainableUndefined, finalize=lambda value: _said(value, words))
        self.known = known
        self.uses_closed = False  # a template that was parsed speaks of something closed
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in _FILTERS} | {
            name: lambda value, how=name: words(value, how) if isinstance(value, date) else value
            for name in _OWN_FILTERS
        }
        self.tests = {name: self.tests[name] for name in _TESTS} | {
            name: self.tests[name] for name in ("eq", "ne", "lt", "le", "gt", "ge", "in") if name in self.tests
        }

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        parsed = super()._parse(source, name, filename)
        check = _Check(self.known)
        if problems := list(check.problems_of(parsed)):
            raise NotFit(problems)
        self.uses_closed |= check.uses_closed
        return parsed


def problems_in(source: str, environment: Environment) -> list[Problem]:
    """All that is wrong with a template; nothing when it may be used."""
    if len(source) > LONGEST_SOURCE:
        return [Problem("place.long", "")]
    try:
        environment.from_string(source)
    except NotFit as wrong:
        return list(dict.fromkeys(wrong.problems))
    except TemplateError as error:
        return [Problem("place.syntax", (error.message or "")[:200])]
    except RecursionError:
        return [Problem("place.syntax", "...")]
    return []


def harmless(value: Any) -> Any:
    """A value as templates get it: texts without what no document can hold, lists with an end, nothing alive."""
    if isinstance(value, str):
        return _NO_XML.sub("", str(value))
    if isinstance(value, Mapping):
        return {str(key): harmless(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [harmless(one) for one in value[:MOST_ROWS]]
    if value is None or isinstance(value, bool | int | float | Decimal | date):
        return value
    return _NO_XML.sub("", str(value))  # lazy words


def _said(value: Any, words: Words) -> Any:
    """What a field prints: days and sums as people of the language write them."""
    if value is None:
        return ""
    if isinstance(value, bool | date | Decimal):
        return words(value, "time" if isinstance(value, datetime) else "short")
    return value


class _Check:
    def __init__(self, known: Known) -> None:
        self._known = known
        self._loops = 0
        self.uses_closed = False

    def problems_of(self, parsed: nodes.Template) -> Iterator[Problem]:
        yield from self._look(parsed, dict(self._known), 0)

    def _look(self, node: nodes.Node, scope: Scope, depth: int) -> Iterator[Problem]:
        if not isinstance(node, _HARMLESS):
            yield Problem("place.forbidden", _NAMES.get(type(node), type(node).__name__.lower()))
            return
        if isinstance(node, nodes.For):
            yield from self._loop(node, scope, depth)
        elif isinstance(node, nodes.Name | nodes.Getattr):
            yield from self._field(node, scope)
        elif isinstance(node, nodes.Output):
            for one in node.nodes:
                yield from self._look(one, scope, depth)
                yield from self._whole(one, scope)
        elif isinstance(node, nodes.Filter) and node.name not in (*_FILTERS, *_OWN_FILTERS):
            yield Problem("place.forbidden", f"|{node.name}")
        else:
            for child in node.iter_child_nodes():
                yield from self._look(child, scope, depth)

    def _loop(self, node: nodes.For, scope: Scope, depth: int) -> Iterator[Problem]:
        self._loops += 1
        rows = self._find(node.iter, scope)
        if self._loops > MOST_LOOPS or depth >= DEEPEST or node.recursive:
            yield Problem("place.loops", "for")
        elif rows is _UNKNOWN:
            yield Problem("place.unknown", _written(node.iter))
        elif not isinstance(rows, Mapping) or not isinstance(node.target, nodes.Name):
            yield Problem("place.list", _written(node.iter))
        else:
            inner = {**scope, node.target.name: rows, "loop": _LOOP}
            for child in (*node.body, *node.else_, *([node.test] if node.test else [])):
                yield from self._look(child, inner, depth + 1)

    def _field(self, node: nodes.Name | nodes.Getattr, scope: Scope) -> Iterator[Problem]:
        if self._find(node, scope) is _UNKNOWN:
            yield Problem("place.unknown", _written(node))

    def _whole(self, node: nodes.Node, scope: Scope) -> Iterator[Problem]:
        """A group or a list is no text."""
        if isinstance(node, nodes.Name | nodes.Getattr) and isinstance(self._find(node, scope), Mapping):
            yield Problem("place.whole", _written(node))

    def _find(self, node: nodes.Node, scope: Scope) -> Known | object | None:
        """What is known of it: None of a field, names below it of a group or list, or _UNKNOWN."""
        found: Known | object | None = _UNKNOWN
        if isinstance(node, nodes.Name):
            found = scope.get(node.name, _UNKNOWN)
        elif isinstance(node, nodes.Getattr):
            above = self._find(node.node, scope)
            found = above.get(node.attr, _UNKNOWN) if isinstance(above, Mapping) else _UNKNOWN
        self.uses_closed |= found is CLOSED
        return found


_UNKNOWN = object()


def _written(node: nodes.Node) -> str:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{_written(node.node)}.{node.attr}"
    return type(node).__name__.lower()

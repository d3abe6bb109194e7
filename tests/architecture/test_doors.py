"""Modules meet through their doors, downwards only. What the import linter cannot see is looked for here."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db.models import Field, Model
from django.db.models.fields.related import RelatedField

from tests.architecture.house import SOURCE, Import, imports_in, module_layers

MODULES = SOURCE / "perezvon" / "modules"
# The last is where a lower module lets higher ones put something in.
DOORS = {"models", "selectors", "services", "events", "registry"}
OLDER_REGISTRIES = {"interactions.lines"}

BELOW_ALL = -1  # foundation's apps and Django's
FOUNDATIONS = (BELOW_ALL, BELOW_ALL)


class TestImports:
    def test_enter_another_module_by_its_doors_only(self) -> None:
        assert [str(found) for found in imports_in(MODULES) if not _is_by_a_door(found)] == []

    def test_go_downwards_only(self) -> None:
        layers = module_layers()
        crossings = [(found, *_ends(found)) for found in imports_in(MODULES) if _crosses(found)]

        assert crossings
        assert [str(found) for found, ours, theirs in crossings if layers[theirs] >= layers[ours]] == []

    def test_reach_no_page_of_the_foundation_from_below(self) -> None:
        """Views are for urls: a service that imports one has turned the house upside down."""
        wrong = [
            str(found)
            for found in imports_in(SOURCE / "perezvon")
            if ".views." in f"{found.name}." and found.file.stem in DOORS
        ]

        assert wrong == []


class TestRelations:
    def test_point_downwards_only(self) -> None:
        wrong = [
            f"{field} points at {target._meta.label}"
            for field, target in _relations_across_apps()
            if _height(target) >= _height(field.model) and (_height(target), _height(field.model)) != FOUNDATIONS
        ]

        assert wrong == []

    def test_leave_no_reverse_name_in_another_app(self) -> None:
        """Else the lower module could read the higher one's rows without an import."""
        named = [str(field) for field, _ in _relations_across_apps() if not field.remote_field.hidden]

        assert named == []


def _height(model: type[Model]) -> int:
    return module_layers().get(model._meta.app_label, BELOW_ALL)


def _crosses(found: Import) -> bool:
    return found.name.startswith("perezvon.modules.") and _ends(found)[0] != _ends(found)[1]


def _ends(found: Import) -> tuple[str, str]:
    """The module that imports and the one imported from."""
    return found.file.relative_to(MODULES).parts[0], found.name.split(".")[2]


def _is_by_a_door(found: Import) -> bool:
    if not _crosses(found):
        return True
    _, theirs = _ends(found)
    door = found.name.split(".")[3:4]
    return bool(door) and (door[0] in DOORS or f"{theirs}.{door[0]}" in OLDER_REGISTRIES)


def _relations_across_apps() -> Iterator[tuple[Field[object, object], type[Model]]]:
    for model in apps.get_models(include_auto_created=True):
        if not model.__module__.startswith("perezvon.") or model._meta.auto_created:
            continue
        for field in [*model._meta.local_fields, *model._meta.local_many_to_many]:
            if not isinstance(field, RelatedField):
                continue
            target = field.related_model
            assert isinstance(target, type)
            if target._meta.app_label != model._meta.app_label:
                yield field, target

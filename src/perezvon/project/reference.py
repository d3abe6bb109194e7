"""What the code knows of itself: settings, rights, commands.

`perezvon registry` prints it, `perezvon docs` writes it into docs/reference/.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps

from perezvon.foundation.access.rights import declared
from perezvon.foundation.commands.services import REGISTER
from perezvon.project.environment import VARIABLES, clone
from perezvon.project.parts import NotThere

type Row = tuple[str, ...]
_TITLES = {
    "settings": ("Settings of a machine", ("variable", "what it says")),
    "rights": ("Rights and who has them in a new installation", ("right", "what one may do", "roles")),
    "commands": ("Commands: everything that writes", ("command", "right it needs")),
}


def run(arguments: list[str]) -> int:
    """Print it all; or only the parts that `arguments` name."""
    for part in arguments or _TITLES:
        rows = list(rows_of(part))
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))] if rows else []
        print(f"{_TITLES[part][0]}\n")
        for row in rows:
            print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        print()
    return 0


def write(arguments: list[str]) -> int:
    """Write the pages of docs/reference/ that are made from the code."""
    root = clone()
    if root is None:
        raise NotThere(target="docs folder")
    for part in _TITLES:
        path = root / "docs" / "reference" / f"{part}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page(part))
        print(path.relative_to(root))
    return 0


def page(part: str) -> str:
    """The page in Markdown."""
    title, heads = _TITLES[part]
    lines = [" | ".join(heads), " | ".join("---" for _ in heads), *(" | ".join(row) for row in rows_of(part))]
    table = "\n".join(f"| {line} |" for line in lines)
    return f"# {title}\n\nMade by `make docs`; change the code instead.\n\n{table}\n"


def rows_of(part: str) -> Iterator[Row]:
    match part:
        case "settings":
            yield from VARIABLES.items()
        case "rights":
            for right in sorted(declared().values(), key=lambda one: one.code):
                yield right.code, str(right.title), ", ".join(sorted(right.roles))
        case _:
            import_services()
            for name, info in sorted(REGISTER.items()):
                yield name, info.needs or "everybody may"


def import_services() -> None:
    """Fill the register of commands: it knows those whose module was imported."""
    for config in apps.get_app_configs():
        if config.name.startswith("perezvon.") and _has_services(Path(config.path)):
            importlib.import_module(f"{config.name}.services")


def _has_services(folder: Path) -> bool:
    return (folder / "services.py").exists() or (folder / "services" / "__init__.py").exists()

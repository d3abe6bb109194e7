"""What has changed on the desk, in one answer."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from perezvon.foundation import clock
from perezvon.foundation.ui.parts import for_its_place, has_key, with_key
from perezvon.foundation.web.guard import needs, person_of
from perezvon.modules.desk.screens.look import Look

UNCHANGED = 204

# The id of each part is its name with a hyphen for the underscore, its template desk/_NAME.html or another module's.
PARTS = {"callbar": Look.callbar, "rail_work": Look.rail, "notestrip": Look.notestrip, "script": Look.script}
OF_OTHERS = {"script": "scripting/_panel.html"}


@needs("telephony.use")
@require_GET
def parts(request: HttpRequest) -> HttpResponse:
    """What differs from what the browser says it shows; 204 when nothing does.

    The body is the workspace, if that is new; the rest goes to its places. The workspace and the helper panel, in
    which people type, are new only when they are about something else.
    """
    look = Look(person_of(request), clock.now())
    drawn = [for_its_place(html, name.replace("_", "-")) for name in PARTS if (html := _if_new(request, look, name))]
    if request.GET.get("helper_shown") != look.helper_key:
        inner = render_to_string("desk/desk.html#helper", look.helper(), request)
        drawn.append(f'<div hx-swap-oob="innerHTML:#helper">{inner}</div>')
    is_new = look.displaces(request.GET.get("shown", ""))
    if is_new:
        drawn.insert(0, render_to_string("desk/desk.html#workspace", look.screen(), request))
    response = HttpResponse("".join(drawn), status=200 if drawn else UNCHANGED)
    if not is_new:
        response["HX-Reswap"] = "none"
    return response


def draw(request: HttpRequest, look: Look, name: str) -> SafeString:
    """One of PARTS."""
    return with_key(render_to_string(OF_OTHERS.get(name, f"desk/_{name}.html"), PARTS[name](look), request))


def _if_new(request: HttpRequest, look: Look, name: str) -> str:
    html = draw(request, look, name)
    return "" if has_key(html, request.GET.get(name, "")) else html

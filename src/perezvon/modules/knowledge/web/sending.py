"""An article goes to the customer as a letter or an SMS, from the contact or the case beside which it was opened."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from perezvon.foundation import clock
from perezvon.foundation.commands.services import intent
from perezvon.foundation.fields.web.small_forms import Asked, FormPage, draw
from perezvon.foundation.messages.models import Channel
from perezvon.foundation.messages.selectors import SEND
from perezvon.foundation.messages.services import MayNotSend, MessageWrong
from perezvon.foundation.ui.templatetags.ui import phone
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.intents import COMMAND_ID, command_id_of
from perezvon.foundation.web.words import words_for
from perezvon.modules.knowledge import services
from perezvon.modules.knowledge.models import Article
from perezvon.modules.knowledge.registry import Letter, Occasion, find_occasion
from perezvon.modules.knowledge.selectors import NoSuchArticle, get_article


@needs(SEND)
@require_http_methods(["GET", "POST"])
def send(request: HttpRequest, article_id: UUID) -> HttpResponse:
    """The letter with the article's words in it; whoever sends it may still change them."""
    by, now = person_of(request), clock.now()
    one = get_article(article_id, by=by, now=now)
    occasion = find_occasion(request.GET, by)
    if occasion is None:
        raise NoSuchArticle(article=article_id)
    page = _page(one, occasion)
    if request.method != "POST":
        return draw(request, page, _first(one, occasion), {})
    given = {name: str(value) for name, value in request.POST.items()}
    channel, _colon, to = given.get("to", "").partition(":")
    letter = Letter(channel, to, given.get("subject", ""), given.get("text", ""))
    try:
        with intent(command_id_of(request)):
            services.send(article_id=article_id, occasion=occasion, letter=letter, by=by, now=now)
    except (services.NoAddress, MessageWrong) as wrong:
        return draw(request, page, given, {"to" if isinstance(wrong, services.NoAddress) else "text": words_for(wrong)})
    except MayNotSend as refused:
        return draw(request, page, given, {"to": words_for(refused)})
    return HttpResponseRedirect(f"{page.back_url}&sent")


def _page(one: Article, occasion: Occasion) -> FormPage:
    article_url = f"{reverse('knowledge:article', args=[one.pk])}?{occasion.kind}={occasion.id}&original"
    addresses = [
        (f"{channel}:{to}", _("SMS to {to}").format(to=phone(to)) if channel == Channel.SMS else to)
        for channel, to in occasion.addresses
    ]
    none = _("No address of the customer is known: write one down on his card first.")
    return FormPage(
        title=_("Send to the customer"),
        group=occasion.customer_name,
        submit=_("Send"),
        back_url=article_url,
        steps=[
            {"label": occasion.label, "url": occasion.url},
            {"label": str(one), "url": article_url},
            {"label": _("Send to the customer"), "url": ""},
        ],
        about="" if addresses else none,
        hidden={COMMAND_ID: str(uuid4())},
        asked=(
            Asked("to", "choice", addresses, label=lazy("To"), required=True),
            Asked("subject", label=lazy("Subject of the letter"), wide=True),
            Asked("text", "lines", label=lazy("Text"), required=True, wide=True),
        ),
    )


def _first(one: Article, occasion: Occasion) -> dict[str, str]:
    channel, to = occasion.addresses[0] if occasion.addresses else (Channel.EMAIL, "")
    title = one.current.title if one.current else ""
    return {"to": f"{channel}:{to}", "subject": title, "text": services.text_for_customers(one, channel)}

"""What conversations do in the modules below: notes, topics, results, offers, messages, knowledge."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as lazy

from perezvon.cores.conditions import Type, Value
from perezvon.foundation.access import Actor
from perezvon.foundation.conditions.terms import Term
from perezvon.foundation.messages.models import Channel
from perezvon.foundation.messages.selectors import SEND
from perezvon.foundation.messages.services import Draft, queue_message
from perezvon.modules.catalogue.models import Product
from perezvon.modules.catalogue.selectors import offered
from perezvon.modules.customers.models import ContactPoint
from perezvon.modules.customers.selectors import ending_contract, main_mailbox
from perezvon.modules.customers.selectors.contracts import VIEW as CONTRACTS
from perezvon.modules.interactions import services as interactions
from perezvon.modules.interactions.models import Interaction, Offer, Result
from perezvon.modules.knowledge.models import Article
from perezvon.modules.knowledge.selectors import VIEW as KNOWLEDGE
from perezvon.modules.knowledge.selectors import readable
from perezvon.modules.scripting.actions import Action, CannotDo, Doing, Opening, Parameter, register_action
from perezvon.modules.scripting.models import Form, Scenario
from perezvon.modules.scripting.selectors import SET_RESULT
from perezvon.modules.scripting.services import Way, invite
from perezvon.modules.topics.models import Topic
from perezvon.modules.topics.selectors import TopicNode, topic_tree

WRITE = "interactions.write"
PATH = " / "


def register_actions() -> None:
    text = Parameter("text", lazy("Text"), "long", is_required=True)
    register_action(Action("interactions.note", lazy("Write a note"), (text,), right=WRITE, runs=_note))
    register_action(
        Action(
            "interactions.topic",
            lazy("Put a topic on the contact"),
            (Parameter("topic", lazy("Topic"), "choice", _topics, is_required=True),),
            right=WRITE,
            runs=_topic,
        )
    )
    register_action(
        Action(
            "interactions.offer",
            lazy("Keep what was offered, and what the customer said"),
            (
                Parameter("product", lazy("Product: its name"), is_required=True),
                Parameter("answer", lazy("What he said"), "choice", Offer.Answer.choices),
            ),
            right=WRITE,
            runs=_offer,
        )
    )
    register_action(
        Action(
            "interactions.result",
            lazy("Set the result of the contact"),
            (Parameter("result", lazy("Result"), "choice", _results, is_required=True),),
            facts={SET_RESULT: Term(SET_RESULT, lazy("Result that was set"), Type.TEXT)},
            right=WRITE,
            runs=_result,
        )
    )
    register_action(Action("messages.sms", lazy("Send an SMS"), (text,), right=SEND, runs=_sms))
    subject = Parameter("subject", lazy("Subject"), is_required=True)
    register_action(Action("messages.letter", lazy("Send a letter"), (subject, text), right=SEND, runs=_letter))
    which = Parameter("questionnaire", lazy("Questionnaire"), "choice", _questionnaires, is_required=True)
    register_action(
        Action("scripting.invite", lazy("Send a link to a questionnaire"), (which,), right=SEND, runs=_invite)
    )
    register_action(
        Action("customers.contract", lazy("Open the contract that ends next"), right=CONTRACTS, opens=_contract)
    )
    article = Parameter("article", lazy("Article: its number"), is_required=True)
    register_action(Action("knowledge.open", lazy("Open an article"), (article,), right=KNOWLEDGE, opens=_article))
    product = Parameter("product", lazy("Product: its code or name"), is_required=True)
    register_action(
        Action(
            "knowledge.product",
            lazy("Open what is known of a product, else the knowledge base"),
            (product,),
            right=KNOWLEDGE,
            opens=_about_product,
        )
    )
    register_action(Action("knowledge.all", lazy("Open the knowledge base"), right=KNOWLEDGE, opens=_knowledge))


def _note(doing: Doing) -> None:
    interactions.add_note(interaction_id=doing.contact.pk, text=doing.gives.get("text", ""), by=doing.by, now=doing.now)


# --- topics: named by their path, which is the same wherever a blueprint is loaded ---


def _topics(_by: Actor) -> list[tuple[str, str]]:
    projects = Topic.objects.order_by().values_list("project", flat=True).distinct()
    found = dict.fromkeys(path for project in projects for path, _ in _paths(topic_tree(project), "ru"))
    return [(path, path) for path in found]


def _paths(nodes: list[TopicNode], language: str, above: str = "") -> list[tuple[str, Topic]]:
    found: list[tuple[str, Topic]] = []
    for node in nodes:
        path = above + (node.topic.name.get(language) or str(node.topic))
        found += [(path, node.topic), *_paths(node.children, language, path + PATH)]
    return found


def _topic(doing: Doing) -> None:
    tree, wanted = topic_tree(doing.contact.project_id), doing.gives.get("topic", "").strip()
    known = {path: topic for language in ("en", "ru") for path, topic in _paths(tree, language)}
    if wanted not in known:
        raise CannotDo(why="no_topic", about=wanted)
    interactions.add_topic(interaction_id=doing.contact.pk, topic_id=known[wanted].pk, by=doing.by, now=doing.now)


def _offer(doing: Doing) -> None:
    product = _product(doing)
    if product is None:
        raise CannotDo(why="no_product", about=doing.gives.get("product", ""))
    answer = doing.gives.get("answer", "") or Offer.Answer.OFFERED
    interactions.offer_product(
        interaction_id=doing.contact.pk, product_id=product.pk, answer=answer, by=doing.by, now=doing.now
    )


def _product(doing: Doing) -> Product | None:
    """Of those that are offered in the contact's project: by its code, or its name in any language."""
    wanted = doing.gives.get("product", "").strip().casefold()
    today = timezone.localtime(doing.now).date()
    rows = (product for kind in offered(doing.contact.project_id, on=today) for product in kind.products)
    return next((one for one in rows if wanted in {one.code, *(text.casefold() for text in one.name.values())}), None)


# --- results: with a reason as result:reason, since a reason is known with its result only ---


def _results(_by: Actor) -> list[tuple[str, str]]:
    """Of all projects; those of the same code are the same."""
    found: dict[str, str] = {}
    for row in Result.objects.filter(is_active=True, system=False).order_by("position", "id"):
        found.setdefault(row.code, str(row))
        for one in row.reasons:
            found.setdefault(f"{row.code}:{one['code']}", f"{row}{PATH}{interactions.reason_name(row, one['code'])}")
    return list(found.items())


def _result(doing: Doing) -> Mapping[str, Value]:
    """It is proposed when the contact is written up, and its fields are asked there."""
    wanted = doing.gives.get("result", "").strip()
    code, _sign, reason = wanted.partition(":")
    try:
        found = interactions.check_result(doing.contact, code, reason, by=doing.by, now=doing.now)
    except interactions.ResultRefused:
        raise CannotDo(why="no_result", about=dict(_results(doing.by)).get(wanted, wanted)) from None
    return {SET_RESULT: ":".join(filter(None, found))}


# --- messages ---


def _sms(doing: Doing) -> None:
    contact = doing.contact
    number = contact.clarified or contact.address or _mobile(contact)
    if not number:
        raise CannotDo(why="no_number")
    _send(doing, Channel.SMS, f"+{number.lstrip('+')}", "")


def _mobile(contact: Interaction) -> str:
    phones = ContactPoint.objects.filter(customer=contact.customer_id, kind=ContactPoint.Kind.PHONE, struck_reason="")
    return phones.order_by("-is_main", "id").values_list("digits", flat=True).first() or ""


def _letter(doing: Doing) -> None:
    """What came of the talk, to the customer's mailbox (F06.31)."""
    address = main_mailbox(doing.contact.customer) if doing.contact.customer else ""
    if not address:
        raise CannotDo(why="no_mailbox")
    _send(doing, Channel.EMAIL, address, doing.gives.get("subject", ""))


def _send(doing: Doing, channel: str, to: str, subject: str) -> None:
    contact = doing.contact
    draft = Draft(
        channel, to, doing.gives.get("text", ""), subject, project_id=contact.project_id,
        kind="customer" if contact.customer_id else "", record=contact.customer_id, contact=contact.pk,
    )  # fmt: skip
    queue_message(draft=draft, by=doing.by, now=doing.now)


def _questionnaires(_by: Actor) -> list[tuple[str, str]]:
    found = Scenario.objects.filter(form=Form.QUESTIONNAIRE, is_active=True).exclude(current=None)
    return [(one.code, str(one)) for one in found]


def _invite(doing: Doing) -> None:
    """To the customer's mailbox, else to the number of the contact."""
    contact = doing.contact
    if contact.customer is None:
        raise CannotDo(why="no_customer")
    mailbox, number = main_mailbox(contact.customer), contact.clarified or contact.address or _mobile(contact)
    if not mailbox and not number:
        raise CannotDo(why="no_number")
    way = Way(Channel.EMAIL, mailbox, contact) if mailbox else Way(Channel.SMS, f"+{number.lstrip('+')}", contact)
    wanted = Scenario.objects.filter(code=doing.gives.get("questionnaire", "")).first()
    if wanted is None:
        raise CannotDo(why="unknown")
    invite(scenario_id=wanted.pk, customer_id=contact.customer.pk, way=way, by=doing.by, now=doing.now)


# --- contracts ---


def _contract(doing: Doing) -> Opening:
    """The contract's card: its terms, and losses under it (F01.19, F13.17)."""
    today = timezone.localtime(doing.now).date()
    customer = doing.contact.customer
    found = ending_contract(customer, on=today, by=doing.by) if customer else None
    if found is None:
        raise CannotDo(why="no_contract")
    return Opening(reverse("customers:contract", args=[found.pk]))


# --- knowledge ---


def _article(doing: Doing) -> Opening:
    given = doing.gives.get("article", "").strip()
    wanted = Q(number=int(given)) if given.isascii() and given.isdecimal() and len(given) < 12 else Q(pk=_uuid(given))
    article: Article | None = readable(doing.by, doing.now).filter(wanted).first()
    if article is None:
        raise CannotDo(why="no_article", about=given)
    return Opening(f"{reverse('knowledge:article', args=[article.pk])}?contact={doing.contact.pk}")


def _about_product(doing: Doing) -> Opening:
    """The programme that was chosen in the conversation, in a tab of its own (F12.07)."""
    product = _product(doing)
    if product is None:
        return _knowledge(doing)
    return Opening(f"{reverse('knowledge:about')}?{urlencode({'product': product.code, 'contact': doing.contact.pk})}")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _knowledge(doing: Doing) -> Opening:
    return Opening(f"{reverse('knowledge:home')}?contact={doing.contact.pk}")

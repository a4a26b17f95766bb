"""Newsletters, by what the server holds of them."""

from __future__ import annotations

import pytest

from caller import Caller
from cli.emulated import Channel, Emulated
from cli.stage import until
from errors import Code
from tools.results import ChatMetadata, MessageList, Newsletter, NewsletterReaction

pytestmark = pytest.mark.asyncio(loop_scope="session")

GAZETTE, WEATHER = "River Gazette", "Mill Weather"
LINK = "https://whatsapp.com/channel/"


async def channel(emulated: Emulated, name: str) -> Channel:
    """The newsletter as the server has it now."""
    return next(one for one in await emulated.newsletters() if one.name == name)


async def test_a_newsletter_is_described_by_its_address_and_by_its_link(caller: Caller, emulated: Emulated) -> None:
    gazette = await channel(emulated, GAZETTE)
    for named in (gazette.jid, LINK + gazette.invite):
        told = await caller.ask(Newsletter, "get_newsletter_info", jid=named)
        assert (told.jid, told.name, told.verified) == (gazette.jid, GAZETTE, True)
        assert told.subscribers == gazette.subscribers
        assert told.invite_link == LINK + gazette.invite


async def test_following_stores_what_is_posted_and_leaving_ends_it(caller: Caller, emulated: Emulated) -> None:
    gazette = await channel(emulated, GAZETTE)
    followed = await caller.ask(Newsletter, "subscribe_to_newsletter", jid=LINK + gazette.invite)
    assert followed.followed
    assert (await channel(emulated, GAZETTE)).followed
    for named in (gazette.jid, LINK + gazette.invite, GAZETTE):
        assert (await caller.ask(Newsletter, "get_newsletter_info", jid=named)).followed
        assert (await caller.refused("subscribe_to_newsletter", jid=named))[0] is Code.ALREADY_SUBSCRIBED
    metadata = await caller.ask(ChatMetadata, "get_chat_metadata_v2", chat_jid=gazette.jid)
    assert (metadata.name, metadata.kind) == (GAZETTE, "newsletter")
    posted = await emulated.publish(GAZETTE, "The regatta is on Sunday.")
    listed = await until(
        lambda: caller.ask(MessageList, "list_messages", chat_jid=gazette.jid, limit=5, include_context=False),
        lambda page: any(message.id == posted.id for message in page.messages),
        15,
    )
    assert [message.text for message in listed.messages if message.id == posted.id] == ["The regatta is on Sunday."]
    await caller.ask(NewsletterReaction, "react_to_newsletter_post", jid=GAZETTE, message_id=posted.id, emoji="⛵")
    assert (await channel(emulated, GAZETTE)).posts[-1].own == "⛵"
    shown = await caller.ask(MessageList, "list_messages", chat_jid=gazette.jid, limit=1, include_context=False)
    assert [reaction.emoji for reaction in shown.messages[0].reactions or []] == ["⛵"]
    left = await caller.ask(Newsletter, "unsubscribe_from_newsletter", jid=GAZETTE)
    assert not left.followed
    assert not (await channel(emulated, GAZETTE)).followed
    assert (await caller.refused("unsubscribe_from_newsletter", jid=gazette.jid))[0] is Code.NOT_SUBSCRIBED


@pytest.mark.parametrize("by", ["server_id", "id"])
async def test_a_reaction_to_a_post_is_counted_and_taken_back(caller: Caller, emulated: Emulated, by: str) -> None:
    weather = await channel(emulated, WEATHER)
    (post, *_) = weather.posts
    named = str(getattr(post, by))
    sent = await caller.ask(
        NewsletterReaction, "react_to_newsletter_post", jid=weather.jid, message_id=named, emoji="🌦️"
    )
    assert (sent.status, sent.server_id, sent.message_id) == ("sent", post.server_id, post.id)
    assert (await channel(emulated, WEATHER)).posts[0].own == "🌦️"
    await caller.ask(NewsletterReaction, "react_to_newsletter_post", jid=weather.jid, message_id=named, emoji="")
    assert not (await channel(emulated, WEATHER)).posts[0].own


async def test_a_created_newsletter_belongs_to_the_account(caller: Caller, emulated: Emulated) -> None:
    made = await caller.ask(Newsletter, "create_newsletter", name="Allotment News", description="Beds and beans")
    assert (made.name, made.description, made.owned, made.followed) == ("Allotment News", "Beds and beans", True, True)
    assert (await channel(emulated, "Allotment News")).owned
    assert (await caller.ask(Newsletter, "get_newsletter_info", jid="Allotment News")).jid == made.jid


@pytest.mark.parametrize("tool", ["get_newsletter_info", "subscribe_to_newsletter", "unsubscribe_from_newsletter"])
@pytest.mark.parametrize("named", ["120363070000000999@newsletter", LINK + "0029VaNobodyKnowsThis", "No Such Channel"])
async def test_a_newsletter_that_nobody_knows_is_not_found(caller: Caller, tool: str, named: str) -> None:
    assert (await caller.refused(tool, jid=named))[0] is Code.NEWSLETTER_NOT_FOUND


async def test_a_chat_that_is_no_newsletter_is_refused(caller: Caller) -> None:
    assert (await caller.refused("get_newsletter_info", jid="Priya Raman"))[0] is Code.NEWSLETTER_NOT_FOUND


async def test_a_post_that_is_not_there_gets_no_reaction(caller: Caller, emulated: Emulated) -> None:
    weather = await channel(emulated, WEATHER)
    for named in ("9999", "3EB0FFFFFFFFFFFF"):
        code, _ = await caller.refused("react_to_newsletter_post", jid=weather.jid, message_id=named, emoji="👍")
        assert code is Code.MESSAGE_NOT_FOUND

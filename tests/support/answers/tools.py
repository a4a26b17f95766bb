"""One call of every tool, in an order in which each finds what it needs."""

from __future__ import annotations

from pydantic import JsonValue

from answers.recorder import Recorder, first
from files import png, tone, webp
from tools.results import MergeReport

FRIEND, GRANDMA, BAKERY = "Bob Carver", "Grandma Rose", "Bäckerei Jörg"
GAZETTE = "River Gazette"
CARD = "BEGIN:VCARD\nVERSION:3.0\nFN:Mill Lane Cycles\nTEL:+1 555 0114\nEND:VCARD"


async def reading(recorder: Recorder) -> None:
    """What reads, and what fetches history; nothing is sent yet."""
    for shelf in (chats, contacts, queries, business, communities, history):
        await shelf(recorder)


async def acting(recorder: Recorder) -> None:
    """What changes something or reaches somebody."""
    for shelf in (messaging, receipts, marks, profile, newsletters, privacy, status):
        await shelf(recorder)


async def chats(r: Recorder) -> None:
    await r.tool("What is new?", "list_chats", limit=2)
    await r.tool("What have I not read yet?", "list_chats_v2", unread_only=True, limit=2)
    await r.tool("Anything in the family group?", "get_chat", chat_jid="family")
    await r.tool("What did +1 555 0101 write last?", "get_direct_chat_by_contact", sender_phone_number="+1 555 0101")
    await r.tool("Where do I meet Zoë?", "get_contact_chats", jid="Zoë Müller", limit=2)
    await r.tool("When did I last hear from Grandma?", "get_last_interaction", jid=GRANDMA)
    await r.tool("Who is in the tool library?", "get_chat_metadata_v2", chat_jid="Tool Library")


async def contacts(r: Recorder) -> None:
    await r.tool("Do I know a Rose?", "search_contacts", query="Rose")
    await r.tool("Everybody with an M in the name.", "search_contacts_v2", query="m", limit=2)
    await r.tool("What do I know of Bob?", "get_contact_details_v2", jid=FRIEND)
    await r.tool("Can I reach +1 555 0104 on WhatsApp?", "check_is_on_whatsapp", phone="+1 555 0104")
    await r.tool("Show me Zoë's picture.", "get_profile_picture_v2", jid="Zoë Müller")
    await r.tool("What does Bob say of himself?", "get_contact_status_v2", jid=FRIEND)
    await r.tool("Which devices are linked?", "get_linked_devices_v2")


async def queries(r: Recorder) -> None:
    await r.tool("Read me Bob's last messages.", "list_messages", chat_jid=FRIEND, limit=2, include_context=False)
    found = await r.tool("Who wrote about geraniums?", "query_synced_messages", content="geraniums", limit=2)
    hit = first(found, "messages")
    await r.tool("What was that about?", "get_message_context", message_id=hit["id"], before=1, after=1)
    await r.tool("How much do we write in the book club?", "get_message_statistics", chat_jid="Book Club 📚")


async def business(r: Recorder) -> None:
    await r.tool("When is the bakery open?", "get_business_profile", jid=BAKERY)
    catalog = await r.tool("What does the bakery sell?", "get_business_catalog", jid=BAKERY, limit=2)
    bread = first(catalog, "products")
    await r.tool("Tell me about the rye bread.", "get_product_details", jid=BAKERY, product_id=bread["id"])


async def communities(r: Recorder) -> None:
    await r.tool("Which communities am I in?", "list_communities")
    await r.tool("How far back do we have Sunday Football?", "get_community_groups", community_jid="Sunday Football")


async def history(r: Recorder) -> None:
    await r.tool("Collect what my phone has.", "retrieve_full_history", timeout=60)
    chat = "Match Day ⚽"
    async with r.late_answer():
        await r.tool("Get all of Match Day.", "fetch_history", chat_jid=chat)
        await r.tool("No, stop that.", "cancel_sync", chat_jid=chat)
    async with r.late_answer():
        await r.tool("Go on after all.", "resume_sync", chat_jid=chat)
    await r.fetched(chat)
    await r.tool("Is Match Day there?", "get_sync_status", chat_jid=chat)
    await r.tool("How is the history doing?", "get_baileys_sync_status")
    await r.tool("Put it where I can search it.", "sync_history_to_database", chat_jid=chat)
    await r.tool("How far back do I have each chat?", "get_sync_checkpoints", limit=2)
    await r.tool("Tidy up what was copied.", "clear_temp_storage")
    await r.tool(
        "Fetch all of Sunday Football and mark it read.",
        "mark_community_as_read_with_history",
        community_jid="Sunday Football",
    )
    await r.hear("Sven", "Three seats now, I found the other key", chat="Lifts & Kit", id_="3A00000000000000000101")
    await r.tool("I have seen the football, mark it.", "mark_community_as_read", community_jid="Sunday Football")


async def wipe(r: Recorder) -> None:
    """After all that asks for history: what the Baileys bridge knows of the chats goes with it."""
    await r.caller.ask(MergeReport, "sync_history_to_database")
    await r.tool("Empty the temporary store.", "clear_baileys_temp_data")


async def messaging(r: Recorder) -> None:
    picture, sound = r.file("lantern.png", png(64, 48)), r.file("hello.wav", tone(1.5))
    await r.tool("Tell Bob I am on my way.", "send_message", recipient=FRIEND, message="On my way!")
    sent = await r.tool(
        "Ask Bob whether we are still on.",
        "send_text_message_v2",
        chat_jid=FRIEND,
        text="Are we still on for the lanterns tonight?",
    )
    id_ = sent["message_id"]
    await r.tool("Make that tomorrow.", "edit_message_v2", message_id=id_, new_text="Are we still on for tomorrow?")
    await r.tool("Send that to Zoë too.", "forward_message_v2", message_id=id_, to_chat_jid="Zoë Müller")
    await r.tool("Take that message back.", "delete_message_v2", message_id=id_)
    heard = await r.hear(FRIEND, "I bring the matches", id_="3A00000000000000000102")
    await r.tool("Give that a thumbs up.", "react_to_message_v2", chat_jid=FRIEND, message_id=heard, emoji="👍")
    await r.tool("Send Grandma the picture.", "send_file", recipient=GRANDMA, media_path=picture, caption="My lantern")
    await r.tool(
        "Send it as a file, so that it stays sharp.",
        "send_media_message_v2",
        chat_jid=GRANDMA,
        media_path=picture,
        media_type="document",
    )
    await r.tool("Send Grandma my recording.", "send_audio_message", recipient=GRANDMA, media_path=sound)
    await r.tool("Send that to Bob as a voice note.", "send_voice_note_v2", chat_jid=FRIEND, audio_path=sound)
    sticker = r.file("cat.webp", webp(512, 512))
    await r.tool("Send Bob the cat sticker.", "send_sticker_v2", chat_jid=FRIEND, sticker_path=sticker)
    await r.tool("Give Bob the number of the bicycle shop.", "send_contact_v2", chat_jid=FRIEND, vcard=CARD)
    await r.tool(
        "Send Bob where we meet.",
        "send_location_v2",
        chat_jid=FRIEND,
        latitude=48.2082,
        longitude=16.3738,
        name="The old laundry",
    )
    file = await r.emulated.send(
        "Kenji", "image", png(32, 32), caption="The drums", mime="image/png", id_="3A00000000000000000103"
    )
    await r.stored("Kenji", file.id)
    await r.tool("Get me Kenji's picture.", "download_media_v2", message_id=file.id)
    await r.tool("Get me that picture again.", "download_media", message_id=file.id, chat_jid="Kenji")


async def receipts(r: Recorder) -> None:
    ids: list[JsonValue] = [
        await r.hear("Amira حداد", text, id_=f"3A0000000000000000020{at}")
        for at, text in enumerate(("Mint?", "Or sage?", "Both, then"))
    ]
    await r.tool("I have read her first two.", "mark_as_read", chat_jid="Amira حداد", message_ids=ids[:2])
    await r.tool("And the third.", "mark_message_read_v2", chat_jid="Amira حداد", message_id=ids[2])
    await r.tool("Mark the family group read.", "mark_chat_read_v2", chat_jid="family")


async def marks(r: Recorder) -> None:
    chat = "Book Club 📚"
    await r.tool("Pin the book club.", "pin_chat", chat_jid=chat)
    await r.tool("Unpin it.", "unpin_chat", chat_jid=chat)
    await r.tool("No noise from the book club for eight hours.", "mute_chat", chat_jid=chat, duration_seconds=28_800)
    await r.tool("Let it ring again.", "unmute_chat", chat_jid=chat)
    await r.tool("Archive the book club.", "archive_chat", chat_jid=chat)
    await r.tool("Bring it back.", "unarchive_chat", chat_jid=chat)


async def profile(r: Recorder) -> None:
    picture = r.file("portrait.png", png(800, 600))
    await r.tool("Make this my picture.", "update_profile_picture_v2", image_path=picture)
    await r.tool(
        "Write below my name that I am in the garden.", "update_profile_status_v2", status_text="In the garden"
    )


async def newsletters(r: Recorder) -> None:
    link = "https://whatsapp.com/channel/0029VaRiverGazette0001"
    await r.tool("What is this channel?", "get_newsletter_info", jid=link)
    await r.tool("Follow it.", "subscribe_to_newsletter", jid=link)
    post = await r.emulated.publish(GAZETTE, "The regatta is on Sunday.")
    r.stable.show(post.id, "AC87CD653346A1034FD71C515D463E48")
    await r.stored(GAZETTE, post.id)
    await r.tool("Give the regatta a boat.", "react_to_newsletter_post", jid=GAZETTE, message_id=post.id, emoji="⛵")
    await r.tool("Leave the Gazette.", "unsubscribe_from_newsletter", jid=GAZETTE)
    await r.tool(
        "Open a channel for our rehearsals.",
        "create_newsletter",
        name="Lantern Rehearsals",
        description="Dates and places",
    )


async def privacy(r: Recorder) -> None:
    await r.tool("Block +1 555 0111.", "block_contact", phone="+1 555 0111")
    await r.tool("Whom do I block?", "get_blocked_contacts")
    await r.tool("Let Dee in again.", "unblock_contact", phone="+1 555 0111")
    await r.tool("Who can see what of me?", "get_privacy_settings")
    await r.tool("Hide when I was last online.", "update_last_seen_privacy", value="none")
    await r.tool("Hide that I am online, too.", "update_online_privacy", value="match_last_seen")
    await r.tool("My picture is for contacts only.", "update_profile_picture_privacy", value="contacts")
    await r.tool("So is the text below my name.", "update_status_privacy", value="contacts")


async def status(r: Recorder) -> None:
    await r.tool("Is my WhatsApp connected?", "backend_status")

"""docs/examples/hybrid-operations.md."""

from __future__ import annotations

from answers.recorder import Recorder, first
from cli.stage import until
from tools.results import BackendStatus

PAGE = "hybrid-operations"
BAKERY = "Bäckerei Jörg"


async def begin(r: Recorder) -> None:
    """The first two of ten, before anything else: what was pushed is whole in both bridges and not merged yet."""
    await until(
        lambda: r.caller.ask(BackendStatus, "backend_status"),
        lambda seen: seen.go.messages == seen.baileys.messages and seen.go.queue_depth == 0,
    )
    r.page(
        PAGE,
        "Hybrid operations",
        "Ten questions that both bridges answer together, with the calls and their real answers from the demo's world. "
        "`make test` asks again. Long lists are cut.",
    )
    for example in (health, whole):
        await example(r)


async def play(r: Recorder) -> None:
    """The next seven."""
    for example in (older, stopped, merged_twice, reach, tidy, profile, catalog):
        await example(r)


async def health(r: Recorder) -> None:
    asked = r.example(
        PAGE,
        "Is everything well?",
        "Is my WhatsApp connected?",
        "Both bridges are linked and connected. If one is not, `resolution` says what to do.",
    )
    await asked.call("backend_status")


async def whole(r: Recorder) -> None:
    asked = r.example(
        PAGE,
        "Collect the whole history",
        "Get everything that my phone has handed over, so that I can search it.",
        "The phone pushes history once after linking. The first call waits until that is complete, the second brings "
        "it into messages.db. What was there already is left as it is.",
    )
    await asked.call("retrieve_full_history", timeout=60)
    await asked.call("sync_history_to_database")


async def older(r: Recorder) -> None:
    chat = "Tool Library"
    await r.quiet()
    asked = r.example(
        PAGE,
        "Fetch a chat's older messages",
        "Who said what about the fish's frame in the tool library, also long ago?",
        "The phone gives older messages 50 at a time while it is online. `exhausted` says that it has no more. After "
        "the merge they are found by every search.",
    )
    async with r.late_answer():
        await asked.call("fetch_history", chat_jid=chat)
    await r.fetched(chat)
    asked.meanwhile("A little later:")
    await asked.call("get_sync_status", chat_jid=chat)
    await asked.call("sync_history_to_database", chat_jid=chat)
    await asked.call("query_synced_messages", chat_jid=chat, content="weld*", limit=1)


async def stopped(r: Recorder) -> None:
    chat = "Garden & Compost"
    asked = r.example(
        PAGE,
        "Stop a job, and go on with it",
        "Fetch the garden group. No, stop, the phone's battery is low. Now it charges, go on.",
        "What had arrived before the stop stays, and the job goes on from there. The same is true after a crash or a "
        "restart of the bridge.",
    )
    async with r.late_answer():
        await asked.call("fetch_history", chat_jid=chat)
        await asked.call("cancel_sync", chat_jid=chat)
    async with r.late_answer():
        await asked.call("resume_sync", chat_jid=chat)
    await r.fetched(chat)
    asked.meanwhile("A little later:")
    await asked.call("get_sync_status", chat_jid=chat)


async def merged_twice(r: Recorder) -> None:
    asked = r.example(
        PAGE,
        "Merge twice",
        "Bring what was fetched into the store. Are you sure? Do it again.",
        "The second merge reads nothing: messages.db remembers up to which row it has taken.",
    )
    await asked.call("sync_history_to_database")
    await asked.call("sync_history_to_database")


async def reach(r: Recorder) -> None:
    asked = r.example(
        PAGE,
        "How far back does it reach?",
        "For which chats do I have old messages, and where is more to get?",
        "Where `exhausted` is false fetch_history may bring more.",
    )
    await asked.call("get_sync_checkpoints", limit=3)


async def tidy(r: Recorder) -> None:
    asked = r.example(
        PAGE,
        "Tidy up",
        "Does the temporary store still hold something? Clean it.",
        "Only what messages.db holds already is removed.",
    )
    await asked.call("clear_temp_storage")


async def profile(r: Recorder) -> None:
    asked = r.example(
        PAGE,
        "Look at a business",
        "Where is the bakery, and is it open on Sunday?",
        "The Baileys bridge reads description and websites too; without it the Go bridge answers with the rest.",
    )
    await asked.call("get_business_profile", jid=BAKERY)


async def catalog(r: Recorder) -> None:
    asked = r.example(
        PAGE,
        "Browse a catalog",
        "What does the bakery sell, and what is in the rye bread?",
        "Prices are decimals in the product's currency. `next_cursor` leads to the next page.",
    )
    page = await asked.call("get_business_catalog", jid=BAKERY, limit=3)
    await asked.call("get_product_details", jid=BAKERY, product_id=first(page, "products")["id"])


async def without_baileys(r: Recorder) -> None:
    """The tenth: the second bridge is gone."""
    asked = r.example(
        PAGE,
        "When the Baileys bridge is away",
        "Fetch older messages of the family, tell me when the bakery is open and what it sells.",
        "Everything but catalogs goes on. `served_by` says that the Go bridge stood in; the refusal tells how to start "
        "the one that is missing.",
    )
    await r.stage.baileys.stop()
    asked.meanwhile("The Baileys bridge was stopped.")
    await asked.call("backend_status")
    await asked.call("fetch_history", chat_jid="Family 🏡")
    await asked.call("get_business_profile", jid=BAKERY)
    await asked.refused("get_business_catalog", jid=BAKERY)

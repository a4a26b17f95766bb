"""docs/examples/community-management.md."""

from __future__ import annotations

from answers.recorder import Recorder

PAGE = "community-management"
NEIGHBOURS, FOOTBALL = "Riverside Neighbours", "Sunday Football"


async def play(r: Recorder) -> None:
    """Ten examples."""
    r.page(
        PAGE,
        "Community management",
        "Ten questions about communities, the calls that answer them, and what they answer in the demo's world. "
        "`make test` asks again. Long lists are cut.",
    )
    for example in (communities, groups, unread, stored, with_history, again, search, metadata, mute, archive):
        await example(r)


async def communities(r: Recorder) -> None:
    asked = r.example(
        PAGE,
        "List the communities",
        "Which communities am I in, and where is something unread?",
        "Two communities; the unread counts add up their groups.",
    )
    await asked.call("list_communities")


async def groups(r: Recorder) -> None:
    asked = r.example(
        PAGE,
        "List the groups of one",
        "Which groups does Riverside Neighbours have, and how much of them is stored here?",
        "`joined` tells where the account takes part. `messages` and `oldest_message_at` say how far back the store "
        "reaches: here some groups reach back days only.",
    )
    await asked.call("get_community_groups", community_jid=NEIGHBOURS)


async def unread(r: Recorder) -> None:
    await r.hear("Marta", "The cat is back.", chat="Street Talk", id_="3A00000000000000000402")
    asked = r.example(
        PAGE,
        "Watch what is unread",
        "Where was the last unread message?",
        "The newest come first; `total` counts all of them, and `next_cursor` leads to the next page.",
    )
    asked.meanwhile("Marta has just written in Street Talk.")
    await asked.call("list_chats_v2", unread_only=True, limit=1)


async def stored(r: Recorder) -> None:
    await r.hear("Sven", "Who has the pump?", chat="Match Day ⚽", id_="3A00000000000000000401")
    asked = r.example(
        PAGE,
        "Mark a community read",
        "I have seen the football, mark all of it read.",
        "All joined groups at once, with what is stored now. The phone's badges go, and senders get their blue ticks.",
    )
    asked.meanwhile("Sven has just written in Match Day.")
    await asked.call("mark_community_as_read", community_jid=FOOTBALL)


async def with_history(r: Recorder) -> None:
    await r.quiet()
    asked = r.example(
        PAGE,
        "Fetch the missing history first, then mark it read",
        "Fetch everything of Riverside Neighbours and mark it read.",
        "One call does it all: it looks what is missing, has the Baileys bridge ask the phone for it, merges it into "
        "messages.db and marks every joined group read. A row for each step and group says what was done. In a large "
        "community it may answer `running`: the same call again goes on.",
    )
    await asked.call("mark_community_as_read_with_history", community_jid=NEIGHBOURS)


async def again(r: Recorder) -> None:
    await r.quiet()
    asked = r.example(
        PAGE,
        "Ask the same again",
        "Is Riverside Neighbours really all there?",
        "Nothing is fetched, merged or marked a second time.",
    )
    await asked.call("mark_community_as_read_with_history", community_jid=NEIGHBOURS)


async def search(r: Recorder) -> None:
    asked = r.example(
        PAGE,
        "Search in its groups",
        "Did anybody in the street group write about geraniums?",
        "Search reads the store, so what was fetched before is found too. Without chat_jid all chats are searched.",
    )
    await asked.call("query_synced_messages", content="geraniums", chat_jid="Street Talk", limit=2)


async def metadata(r: Recorder) -> None:
    asked = r.example(
        PAGE,
        "See who runs a group",
        "Who is in charge of the announcements of Riverside, and may I write there?",
        "`announcement` means that only admins write; `own_role` is the account's own.",
    )
    await asked.call("get_chat_metadata_v2", chat_jid="Riverside Announcements")


async def mute(r: Recorder) -> None:
    asked = r.example(
        PAGE,
        "Mute several groups",
        "No noise from the street and the garden until I am back in a week.",
        "One call for each group. Messages still arrive and are stored.",
    )
    for group in ("Street Talk", "Garden & Compost"):
        await asked.call("mute_chat", chat_jid=group, duration_seconds=604_800)


async def archive(r: Recorder) -> None:
    asked = r.example(
        PAGE,
        "Archive several groups",
        "Put the football groups for lifts and announcements into the archive.",
        "Nothing is deleted; unarchive_chat brings a chat back. list_chats_v2 with `archived` shows the archive.",
    )
    for group in ("Lifts & Kit", "Football Announcements"):
        await asked.call("archive_chat", chat_jid=group)
    await asked.call("list_chats_v2", archived=True, limit=3)

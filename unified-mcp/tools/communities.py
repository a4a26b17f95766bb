"""Communities: groups under one roof."""

from __future__ import annotations

from errors import Code
from tools.declaration import GO, HYBRID, Effect, tool
from tools.results import CommunityGroups, CommunityList, CommunityRead, CommunityReport
from tools.vocabulary import CommunityJid, Limit, NameQuery, Page, Timeout

ERRORS = (Code.COMMUNITY_NOT_FOUND, Code.AMBIGUOUS_RECIPIENT, Code.NOT_PAIRED, Code.WHATSAPP_NOT_CONNECTED)


@tool(GO.get("/api/communities"), effect=Effect.READS, title="List communities")
async def list_communities(
    query: NameQuery | None = None,
    limit: Limit = 20,
    page: Page = 0,
) -> CommunityList:
    """List the communities that the account belongs to, with unread counts.

    While WhatsApp is not connected the answer comes from what is stored.
    """
    ...


@tool(
    GO.get("/api/communities/{community_jid}/groups"),
    effect=Effect.READS,
    title="List a community's groups",
    errors=(Code.COMMUNITY_NOT_FOUND, Code.AMBIGUOUS_RECIPIENT),
)
async def get_community_groups(
    community_jid: CommunityJid,
    limit: Limit = 100,
    page: Page = 0,
) -> CommunityGroups:
    """List the groups of a community: joined or not, unread, and how much is stored of each.

    `messages` and `oldest_message_at` say how far back messages.db reaches; fetch_history brings more.
    """
    ...


@tool(
    GO.post("/api/communities/{community_jid}/read"),
    effect=Effect.CHANGES,
    title="Mark a community read",
    errors=ERRORS,
)
async def mark_community_as_read(community_jid: CommunityJid) -> CommunityRead:
    """Mark all joined groups of a community read, with what is stored now.

    A group that fails does not stop the others. To fetch missing history first, use
    mark_community_as_read_with_history.
    """
    ...


@tool(
    HYBRID,
    effect=Effect.CHANGES,
    title="Fetch history, then mark a community read",
    errors=(*ERRORS, Code.BRIDGE_UNREACHABLE),
)
async def mark_community_as_read_with_history(
    community_jid: CommunityJid,
    sync_timeout: Timeout = 300,
) -> CommunityReport:
    """Fetch a community's missing history, merge it, and mark every group read: all in one call.

    A row for each step and group says what was done. Stopped by the wait budget it answers `running`; the same call
    again goes on. Nothing is done twice.
    """
    ...

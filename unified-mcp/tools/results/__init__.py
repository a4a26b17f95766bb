"""What tools answer: the shapes that both bridges and the orchestrator speak, one file per noun."""

from __future__ import annotations

from tools.results.base import BridgeState, ChatKind, Either, JobState, Record, Result
from tools.results.business import BusinessProfile, Catalog, OpeningHours, Product, ProductDetails
from tools.results.chats import Chat, ChatList, ChatRead, LastInteraction, OneChat
from tools.results.communities import (
    Community,
    CommunityGroup,
    CommunityGroups,
    CommunityList,
    CommunityName,
    CommunityRead,
    CommunityReport,
    GroupOutcome,
    GroupRead,
    Step,
)
from tools.results.history import ChatHistory, HistoryJob, HistoryProgress, HistoryStatus, MergeReport
from tools.results.messages import (
    ChatCount,
    HourCount,
    KindCount,
    Media,
    Message,
    MessageContext,
    MessageHit,
    MessageList,
    MessageStatistics,
    Reaction,
    SentMessage,
)
from tools.results.status import BackendStatus, BridgeReport

__all__ = [
    "BackendStatus",
    "BridgeReport",
    "BridgeState",
    "BusinessProfile",
    "Catalog",
    "Chat",
    "ChatCount",
    "ChatHistory",
    "ChatKind",
    "ChatList",
    "ChatRead",
    "Community",
    "CommunityGroup",
    "CommunityGroups",
    "CommunityList",
    "CommunityName",
    "CommunityRead",
    "CommunityReport",
    "Either",
    "GroupOutcome",
    "GroupRead",
    "HistoryJob",
    "HistoryProgress",
    "HistoryStatus",
    "HourCount",
    "JobState",
    "KindCount",
    "LastInteraction",
    "Media",
    "MergeReport",
    "Message",
    "MessageContext",
    "MessageHit",
    "MessageList",
    "MessageStatistics",
    "OneChat",
    "OpeningHours",
    "Product",
    "ProductDetails",
    "Reaction",
    "Record",
    "Result",
    "SentMessage",
    "Step",
]

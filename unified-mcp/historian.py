"""Who fetches history: the Baileys bridge, and the Go bridge where that one has no link (docs/decisions/0010)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from backends.history import HistoryBridge
from backends.operations import Anchor
from errors import Code, WhatsAppError
from house import WORKING, House, history_request
from routing import NO_LINK
from tools.results import ChatHistory, Either, HistoryJob, HistoryStatus

A = TypeVar("A", bound=Either)

UNLINKED = (
    Code.BRIDGE_UNREACHABLE,
    Code.NOT_PAIRED,
    Code.AUTH_EXPIRED,
    Code.PASSKEY_REQUIRED,
    Code.CLIENT_OUTDATED,
    Code.SESSION_REPLACED,
)
"""Why the Baileys bridge cannot fetch until a person has mended it. Nothing was asked of the phone then."""


class Historian:
    """Asks the bridge that has, or gets, a history job; the answer says so where that is the Go bridge."""

    def __init__(self, house: House) -> None:
        self._go = house.go
        self._baileys = house.baileys

    async def account(self) -> HistoryJob:
        """Start or join the account's job."""
        return await self._either(lambda bridge: bridge.account_history())

    async def account_again(self, job: HistoryJob) -> HistoryJob:
        """Look at the account's job where it was begun."""
        status = await self._bridge_of(job).history()
        return status.initial.model_copy(update={"served_by": job.served_by})

    async def overview(self) -> HistoryStatus:
        """All history jobs."""
        return await self._either(lambda bridge: bridge.history())

    async def start(self, chat_jid: str, anchor: Anchor | None, max_messages: int, *, resume: bool) -> HistoryJob:
        """Start a chat's job, or join it where it is open."""
        request = history_request(chat_jid, anchor, max_messages, resume=resume)
        if anchor is not None and anchor.open_job:
            try:
                return _by_go(await self._go.fetch(request))
            except WhatsAppError as error:
                if error.code not in NO_LINK:
                    raise
        return await self._either(lambda bridge: bridge.fetch(request))

    async def chat(self, chat_jid: str) -> ChatHistory:
        """How far a chat's history is, by the bridge that was at it last. Raises `NO_CHECKPOINT` for one unknown."""
        own, refused = await _unless(self._baileys.chat_history(chat_jid), Code.NO_CHECKPOINT)
        if own is not None and own.job is not None and own.job.state in WORKING:
            return own
        try:
            other = _by_go(await self._go.chat_history(chat_jid))
        except WhatsAppError as error:
            if own is not None:
                return own
            raise (refused if refused and error.code in NO_LINK else error) from None
        return other if own is None or _later(other.job, own.job) else own

    async def follow(self, known: ChatHistory) -> ChatHistory:
        """The same chat's history again, by the bridge whose job it is."""
        history = await self._bridge_of(known).chat_history(known.chat_jid)
        return history.model_copy(update={"served_by": known.served_by})

    async def cancel(self, chat_jid: str) -> HistoryJob:
        """End a chat's job in either bridge: one that lost its link may have left its own open."""
        ended, refused = await _unless(self._baileys.cancel(chat_jid), Code.NO_ACTIVE_SYNC)
        try:
            other = _by_go(await self._go.cancel(chat_jid))
        except WhatsAppError as error:
            if ended is not None and error.code in (*NO_LINK, Code.NO_ACTIVE_SYNC):
                return ended
            raise (refused if refused and error.code in NO_LINK else error) from None
        return ended or other

    async def _either(self, ask: Callable[[HistoryBridge], Awaitable[A]]) -> A:
        own, refused = await _unless(ask(self._baileys))
        if own is not None:
            return own
        try:
            return _by_go(await ask(self._go))
        except WhatsAppError as error:
            raise (refused if refused and error.code in NO_LINK else error) from None

    def _bridge_of(self, answer: Either) -> HistoryBridge:
        return self._go if answer.served_by == "go" else self._baileys


async def _unless(asked: Awaitable[A], *nothing: Code) -> tuple[A | None, WhatsAppError | None]:
    """The Baileys bridge's answer, or why it has none: it has no link, or it says that it knows nothing."""
    try:
        return await asked, None
    except WhatsAppError as error:
        if error.code not in (*UNLINKED, *nothing):
            raise
        return None, error


def _by_go(answer: A) -> A:
    return answer.model_copy(update={"served_by": "go"})


def _later(job: HistoryJob | None, than: HistoryJob | None) -> bool:
    return job is not None and (than is None or job.state in WORKING or job.updated_at > than.updated_at)

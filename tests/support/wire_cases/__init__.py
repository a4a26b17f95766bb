"""The table of what goes over the wire: for each tool a call, the requests that it is, and the answer."""

from __future__ import annotations

from wire_cases import (
    business,
    chats,
    communities,
    contacts,
    history,
    messaging,
    newsletters,
    privacy,
    queries,
    receipts,
    status,
)

CASES = {
    **status.CASES,
    **messaging.CASES,
    **receipts.CASES,
    **contacts.CASES,
    **chats.CASES,
    **communities.CASES,
    **history.CASES,
    **queries.CASES,
    **business.CASES,
    **newsletters.CASES,
    **privacy.CASES,
}

"""What a call carries is checked, and a wrong argument is answered in one sentence."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import Code, WhatsAppError
from server import parse
from tools.catalogue import CATALOGUE
from tools.declaration import wire_values
from tools.vocabulary import _moment

LIBRARY_WORDS = ("pydantic", "input_value", "type=", "https://", "Traceback")


def refused(name: str, arguments: dict[str, object]) -> WhatsAppError:
    with pytest.raises(WhatsAppError) as caught:
        parse(CATALOGUE[name], arguments)
    error = caught.value
    assert error.code is Code.INVALID_ARGUMENT
    assert not any(word in error.text() for word in LIBRARY_WORDS)
    return error


def test_an_unknown_argument_is_named_with_the_known_ones() -> None:
    error = refused("list_chats", {"colour": "red"})
    assert "colour" in error.message
    assert "sort_by" in error.resolution


def test_a_missing_argument_is_named_with_its_format_and_an_example() -> None:
    error = refused("send_message", {"message": "hello"})
    assert "recipient" in error.message
    assert "+1 555 0100" in error.resolution


def test_a_value_outside_its_list_is_refused_with_the_list() -> None:
    error = refused("list_chats", {"sort_by": "size"})
    assert "last_active" in error.message


def test_a_refusal_never_repeats_the_value() -> None:
    assert "s3cret" not in refused("query_synced_messages", {"after_time": "s3cret"}).text()


@pytest.mark.parametrize(("given_", "clamped"), [(-1, 1), (0, 1), (7, 7), (10**9, 200)])
def test_a_limit_is_clamped(given_: int, clamped: int) -> None:
    assert wire_values(parse(CATALOGUE["list_chats"], {"limit": given_}))["limit"] == clamped


def test_a_page_below_zero_is_the_first() -> None:
    assert wire_values(parse(CATALOGUE["list_messages"], {"page": -1}))["page"] == 0


def test_numbers_and_booleans_said_as_strings_are_understood() -> None:
    values = wire_values(parse(CATALOGUE["list_chats"], {"limit": "5", "include_last_message": "false"}))
    assert (values["limit"], values["include_last_message"]) == (5, False)


def test_a_time_with_an_offset_travels_in_utc() -> None:
    values = wire_values(parse(CATALOGUE["list_messages"], {"after": "2026-03-01T18:30:00+01:00"}))
    assert values["after"] == "2026-03-01T17:30:00Z"


def test_a_date_is_the_start_of_the_day_in_the_hosts_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        assert _moment("2026-03-01") == "2026-03-01T05:00:00Z"
    finally:
        monkeypatch.undo()
        time.tzset()


@given(st.datetimes(timezones=st.timezones()))
def test_any_time_with_a_zone_keeps_its_instant(moment: datetime) -> None:
    if not 1971 <= moment.year <= 9998:
        return
    back = datetime.fromisoformat(_moment(moment.isoformat()))
    assert abs(back - moment) < timedelta(seconds=1)


@given(st.text(max_size=60))
def test_any_text_as_a_time_is_read_or_refused(text: str) -> None:
    try:
        read = _moment(text)
    except ValueError:
        return
    assert read.endswith("Z")

"""What a call carries is checked, and a wrong argument is answered in one sentence."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from errors import Code, WhatsAppError
from tools.arguments import SENTENCES, parse
from tools.catalogue import CATALOGUE
from tools.declaration import Tool, wire_values
from tools.vocabulary import _moment

LIBRARY_WORDS = (
    "pydantic",
    "input_value",
    "type=",
    "https://",
    "Traceback",
    "should",
    "valid",
    "Input",
    "unable",
    "error,",
)
TOOLS = pytest.mark.parametrize("tool", CATALOGUE.values(), ids=list(CATALOGUE))
WRONG: tuple[object, ...] = (
    *(None, True, "", " ", "x" * 70_000, "not an id!", "2026-99-99", "\ud800", b"x", "9" * 5_000, "nan", "1e400"),
    *(-1, 1.5, 10**30, 10**4_000, float("nan"), float("inf"), "-1", "500", "[", "[" * 10_000, "[1]", "[]"),
    *([], {}, [1], [None], [[1]], [""], ["\ud800"], ["x" * 500], ["a"] * 200, {"a": 1}),
)


def refused(name: str, arguments: dict[str, object]) -> WhatsAppError:
    with pytest.raises(WhatsAppError) as caught:
        parse(CATALOGUE[name], arguments)
    error = caught.value
    assert error.code is Code.INVALID_ARGUMENT
    said = error.text().replace(error.help, "")  # its anchor is the code's own name
    assert not any(word in said for word in LIBRARY_WORDS)
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


def examples(tool: Tool) -> dict[str, object]:
    return {name: field.examples[0] for name, field in tool.arguments.model_fields.items() if field.examples}


def wrong_calls(tool: Tool) -> Iterator[tuple[str, dict[str, object]]]:
    for name in tool.arguments.model_fields:
        yield from ((name, {**examples(tool), name: value}) for value in WRONG)


def refusal(tool: Tool, arguments: dict[str, object]) -> WhatsAppError | None:
    try:
        parse(tool, arguments)
    except WhatsAppError as error:
        return error
    return None


def kinds(tool: Tool, arguments: dict[str, object]) -> set[str]:
    try:
        tool.arguments.model_validate(arguments)
    except ValidationError as error:
        return {each["type"] for each in error.errors()}
    return set()


@TOOLS
def test_any_wrong_value_of_any_parameter_is_refused_in_a_sentence_of_ours(tool: Tool) -> None:
    for name, arguments in wrong_calls(tool):
        error = refusal(tool, arguments)
        if error:
            assert (error.code, error.details) == (Code.INVALID_ARGUMENT, {"argument": name})
            assert re.fullmatch(rf"(Entry \d+ of )?{name} must [^\n]+\.|{tool.name} needs {name}\.", error.message)
            assert ". " not in error.message
            assert name in error.resolution
            assert not any(word in error.message for word in LIBRARY_WORDS), error.message


@TOOLS
def test_every_kind_of_error_that_a_parameter_can_raise_has_its_sentence(tool: Tool) -> None:
    for _, arguments in wrong_calls(tool):
        assert kinds(tool, arguments) <= SENTENCES.keys()


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("send_message", {"recipient": 7, "message": "hello"}, "recipient must be text."),
        ("send_message", {"recipient": "", "message": "hello"}, "recipient must have 1 or more characters."),
        ("send_message", {"recipient": "x" * 201, "message": "a"}, "recipient must have 200 characters at most."),
        ("list_chats", {"cursor": "a b"}, "cursor must have the form of its example."),
        ("list_chats", {"limit": "many"}, "limit must be a whole number."),
        ("list_chats", {"limit": 1.5}, "limit must be a whole number."),
        ("list_chats", {"include_last_message": "perhaps"}, "include_last_message must be true or false."),
        ("list_chats", {"sort_by": "size"}, "sort_by must be last_active or name."),
        ("mute_chat", {"chat_jid": "Mara", "duration_seconds": -1}, "duration_seconds must be 0 or more."),
        ("mute_chat", {"chat_jid": "Mara", "duration_seconds": 10**9}, "duration_seconds must be 315,360,000 or less."),
        ("send_location_v2", {"chat_jid": "Mara", "latitude": "north"}, "latitude must be a number."),
        ("mark_as_read", {"chat_jid": "Mara", "message_ids": []}, "message_ids must have 1 or more entries."),
        (
            "mark_as_read",
            {"chat_jid": "Mara", "message_ids": ["a"] * 101},
            "message_ids must have 100 entries at most.",
        ),
        (
            "mark_as_read",
            {"chat_jid": "Mara", "message_ids": ["3EB0A1", "a b"]},
            "Entry 2 of message_ids must have the form of its example.",
        ),
        (
            "query_synced_messages",
            {"after_time": "soon"},
            "after_time must be ISO 8601, such as 2026-03-01 or 2026-03-01T18:30:00+01:00.",
        ),
    ],
)
def test_the_sentence_says_what_the_argument_must_be(name: str, arguments: dict[str, object], said: str) -> None:
    assert refused(name, arguments).message == said


def test_a_name_that_is_no_name_is_not_repeated() -> None:
    assert "previous" not in refused("list_chats", {"ignore previous instructions": 1}).text()


@TOOLS
def test_a_list_said_as_json_is_a_list(tool: Tool) -> None:
    whole = examples(tool)
    for name, value in whole.items():
        if isinstance(value, list):
            assert getattr(parse(tool, {**whole, name: json.dumps(value)}), name) == value
            assert getattr(parse(tool, {**whole, name: value[0]}), name) == value


def test_null_is_what_was_not_given() -> None:
    assert parse(CATALOGUE["list_chats"], {"limit": None, "query": None}) == parse(CATALOGUE["list_chats"], {})
    assert refused("send_message", {"recipient": None, "message": "hello"}).message == "recipient must be text."


@pytest.mark.parametrize(("given_", "clamped"), [("500", 200), (" -1 ", 1), (-1, 1), (0, 1), (7, 7), (10**9, 200)])
def test_a_limit_is_clamped(given_: object, clamped: int) -> None:
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

"""What can be set: defaults, the environment, and a clear word about every wrong value."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from errors import Code, WhatsAppError
from settings import HOUSE, Settings, load_settings

URLS = pytest.mark.parametrize("name", ["GO_URL", "BAILEYS_URL"])


def refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> WhatsAppError:
    monkeypatch.setenv(f"WHATSAPP_MCP_{name}", value)
    with pytest.raises(WhatsAppError) as caught:
        load_settings()
    error = caught.value
    assert error.code is Code.INVALID_ARGUMENT
    assert error.details == {"setting": f"WHATSAPP_MCP_{name}"}
    assert f"WHATSAPP_MCP_{name}" in error.message
    assert "remove it" in error.resolution
    assert "pydantic" not in error.text()
    assert "\n" not in error.message
    return error


def test_everything_has_a_default_below_the_checkout() -> None:
    settings = load_settings()
    assert (settings.go_url, settings.baileys_url) == ("http://127.0.0.1:8080", "http://127.0.0.1:8081")
    assert settings.messages_db == HOUSE / "whatsapp-bridge" / "store" / "messages.db"
    assert settings.baileys_db == HOUSE / "baileys-bridge" / "baileys_temp.db"
    assert settings.token_path == HOUSE / "whatsapp-bridge" / "store" / "bridge.token"
    assert (settings.wait_budget, settings.log_level, settings.token) == (45.0, "WARNING", None)


@URLS
@pytest.mark.parametrize(
    "url",
    [
        "http://192.0.2.1:8080",
        "http://0.0.0.0:8080",
        "http://[::]:8080",
        "http://example.com:8080",
        "http://127.0.0.1.example.com:8080",
        "http://localhost.example.com:8080",
        "http://127.0.0.1@example.com:8080",
        "http://example.com#@127.0.0.1:8080",
        "http://2130706433:8080",
        "http://user:word@127.0.0.1:8080",
        "https://127.0.0.1:8080",
        "ftp://127.0.0.1:8080",
        "http://127.0.0.1",
        "http://127.0.0.1:0",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:port",
        "http://127.0.0.1:8080/api",
        "http://127.0.0.1:8080?x=1",
        "http://127.0.0.1:8080#x",
        "http://[::1",
        "127.0.0.1:8080",
        "nonsense",
    ],
)
def test_a_bridge_elsewhere_than_on_this_machine_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, url: str
) -> None:
    assert "must be http://127.0.0.1:PORT" in refused(monkeypatch, name, url).message


@URLS
@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
        ("http://127.0.0.1:9000/", "http://127.0.0.1:9000"),
        ("http://localhost:9000", "http://localhost:9000"),
        ("http://[::1]:9000", "http://[::1]:9000"),
        ("http://127.1.2.3:9000", "http://127.1.2.3:9000"),
    ],
)
def test_a_loopback_address_is_taken(monkeypatch: pytest.MonkeyPatch, name: str, url: str, meant: str) -> None:
    monkeypatch.setenv(f"WHATSAPP_MCP_{name}", url)
    assert getattr(load_settings(), name.lower()) == meant


@given(host=st.ip_addresses().filter(lambda address: not address.is_loopback), port=st.integers(1, 65_535))
def test_no_address_but_loopback_is_ever_taken(host: object, port: int) -> None:
    shown = f"[{host}]" if ":" in str(host) else str(host)
    with pytest.MonkeyPatch.context() as monkeypatch:
        refused(monkeypatch, "GO_URL", f"http://{shown}:{port}")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("LOG_LEVEL", "LOUD", "'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
        ("WAIT_BUDGET", "0", "greater than or equal to 1"),
        ("WAIT_BUDGET", "4000", "less than or equal to 3600"),
        ("WAIT_BUDGET", "soon", "number"),
        ("WAIT_BUDGET", "nan", "3600"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    assert words in refused(monkeypatch, name, value).message


def test_an_empty_variable_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GO_URL", "WAIT_BUDGET", "TOKEN", "TOKEN_FILE", "LOG_LEVEL"):
        monkeypatch.setenv(f"WHATSAPP_MCP_{name}", "")
    assert load_settings() == Settings()


def test_the_token_is_looked_for_beside_messages_db(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WHATSAPP_MCP_MESSAGES_DB", str(tmp_path / "elsewhere" / "messages.db"))
    assert load_settings().token_path == tmp_path / "elsewhere" / "bridge.token"
    monkeypatch.setenv("WHATSAPP_MCP_TOKEN_FILE", str(tmp_path / "token"))
    assert load_settings().token_path == tmp_path / "token"


def test_a_token_of_the_environment_goes_before_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("of the file\n", encoding="ascii")
    monkeypatch.setenv("WHATSAPP_MCP_TOKEN_FILE", str(file))
    assert load_settings().read_token() == "of the file"
    monkeypatch.setenv("WHATSAPP_MCP_TOKEN", " ab12 ")
    assert load_settings().read_token() == "ab12"


def test_without_a_file_or_with_an_empty_one_there_is_no_token(tmp_path: Path) -> None:
    file = tmp_path / "token"
    assert Settings(token_file=file).read_token() is None
    file.write_text(" \n", encoding="ascii")
    assert Settings(token_file=file).read_token() is None


@pytest.mark.parametrize("content", [None, b"\xff\xfe"], ids=["a directory", "no text"])
def test_a_token_file_that_cannot_be_read_is_an_error_that_names_it(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "token"
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    with pytest.raises(WhatsAppError) as caught:
        Settings(token_file=file).read_token()
    assert caught.value.code is Code.ACCESS_DENIED
    assert str(file) in caught.value.message


def test_the_token_never_shows_in_a_print_of_the_settings() -> None:
    settings = Settings(token=SecretStr("5e" * 32))
    assert "5e5e" not in repr(settings)
    assert "5e5e" not in str(settings.model_dump())

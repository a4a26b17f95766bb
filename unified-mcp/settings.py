"""What can be set: environment variables with the prefix `WHATSAPP_MCP_`."""

from __future__ import annotations

from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from errors import Code, WhatsAppError

HOUSE = Path(__file__).resolve().parent.parent
"""The checkout this file lies in; of an installed wheel, the folder of its modules."""


def _loopback(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        loopback = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        loopback = False
    # Nothing but a host and a port, so that no reader of the URL can take another part for the host.
    if not loopback or not port or url.rstrip("/") != f"http://{parts.netloc}" or "@" in parts.netloc:
        raise ValueError("must be http://127.0.0.1:PORT: bridges listen on this machine only")
    return f"http://{parts.netloc}"


LoopbackUrl = Annotated[str, AfterValidator(_loopback)]


def _names(value: object) -> object:
    if not isinstance(value, str):
        return value
    names = tuple(value.replace(",", " ").split())
    if not names:
        raise ValueError("must be names with commas between them")
    return names


Confirm = Literal["never", "first_contact", "always"]

Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)]


class Settings(BaseSettings):
    """Every setting with its default. Paths default to the checkout's own folders."""

    model_config = SettingsConfigDict(env_prefix="WHATSAPP_MCP_", env_ignore_empty=True, frozen=True)

    go_url: LoopbackUrl = Field("http://127.0.0.1:8080", description="Where the Go bridge listens (loopback only).")
    baileys_url: LoopbackUrl = Field(
        "http://127.0.0.1:8081", description="Where the Baileys bridge listens (loopback only)."
    )
    messages_db: Path = Field(
        HOUSE / "whatsapp-bridge" / "store" / "messages.db",
        description="The Go bridge's store. It is never opened from here: its folder is where the token is looked for.",
    )
    baileys_db: Path = Field(
        HOUSE / "baileys-bridge" / "baileys_temp.db",
        description="The Baileys bridge's temporary store, which the merge reads.",
    )
    token: SecretStr | None = Field(None, description="The bridges' token. Preferred is the file.")
    token_file: Path | None = Field(
        None, description="The file that holds the token; by default bridge.token beside messages.db."
    )
    wait_budget: float = Field(
        45.0, ge=1, le=3600, description="Seconds a tool waits for long work before it answers «still running»."
    )
    toolsets: Names = Field((), description="The groups of tools to offer: all, core or categories. Default: all.")
    tools: Names = Field((), description="Single tools to offer; with toolsets they add to them.")
    read_only: bool = Field(default=False, description="Offer only the tools that read, whatever else is chosen.")
    http_token: SecretStr | None = Field(None, description="For serve --http: the token that clients must show.")
    http_token_file: Path | None = Field(
        None, description="The file that holds it; by default http.token beside messages.db, made at the first start."
    )
    http_hosts: Names = Field((), description="For serve --http: further HOST:PORT by which clients call it.")
    confirm: Confirm = Field(
        "never",
        description="What waits until the person agrees: nothing, the first message to somebody, or all that goes out.",
    )
    audit_folder: Path | None = Field(
        None,
        description="Where it is written down what clients did; by default the folder audit beside messages.db.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "WARNING", description="How much goes to stderr. Message texts never do."
    )

    @cached_property
    def token_path(self) -> Path:
        """The token's file, whether it exists or not."""
        return self.token_file or self.messages_db.parent / "bridge.token"

    @cached_property
    def http_token_path(self) -> Path:
        """The file of the token for `serve --http`, whether it exists or not."""
        return self.http_token_file or self.messages_db.parent / "http.token"

    @cached_property
    def audit_path(self) -> Path:
        """The folder of the audit log, whether it exists or not."""
        return self.audit_folder or self.messages_db.parent / "audit"

    def read_token(self) -> str | None:
        """The token that both bridges share, or None while no bridge was ever started.

        It is read anew each time, since a bridge makes it at its first start.
        """
        if self.token is not None:
            return self.token.get_secret_value().strip()
        try:
            return self.token_path.read_text(encoding="ascii").strip() or None
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise WhatsAppError(
                Code.ACCESS_DENIED,
                f"The token file {self.token_path} cannot be read.",
                resolution="Make the file readable for this user, or set WHATSAPP_MCP_TOKEN_FILE.",
            ) from error


def load_settings() -> Settings:
    """The settings of this process; a wrong value is one clear `INVALID_ARGUMENT` that names its variable."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "WHATSAPP_MCP_" + str(first["loc"][0] if first["loc"] else "").upper()
        problem = first["msg"].removeprefix("Value error, ")
        raise WhatsAppError(
            Code.INVALID_ARGUMENT,
            f"{name} is wrong: {problem}.",
            details={"setting": name},
            resolution=f"Correct {name}, or remove it to use its default.",
        ) from error

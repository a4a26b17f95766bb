"""The stores' folders and files: closed to others, owned by this user, with room to grow; and the token."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from cli.checks.finding import Finding, error, fine, note, warning
from errors import WhatsAppError
from settings import Settings

TOKEN = re.compile(r"[0-9a-fA-F]{64}")
STORE = ("messages.db*", "whatsapp.db*", "*.token", "bridge.lock", "media", "media/**/*", "history", "history/**/*")
BAILEYS = ("baileys_temp.db*", "bridge.lock", "auth_info_baileys", "auth_info_baileys/**/*")
MEDIA = "media"
MOST = 20_000
"""Files that are looked at: a store may have received more than anyone waits for."""
NAMED = 3
LITTLE, TOO_LITTLE = 1 << 30, 100 << 20


def check_token(settings: Settings) -> Iterator[Finding]:
    """Whether there is a token of the right form. That a bridge has the same one shows in its proof."""
    try:
        token = settings.read_token()
    except WhatsAppError as problem:
        yield error("token", problem.message, problem.resolution)
        return
    where = "WHATSAPP_MCP_TOKEN" if settings.token is not None else str(settings.token_path)
    if token is None:
        yield note("token", f"There is no token at {where} yet: the first bridge makes it at its first start.")
    elif not TOKEN.fullmatch(token):
        yield error(
            "token",
            f"{where} does not hold a token of 64 hex characters.",
            "Remove it and start the bridges again: they make a new one.",
        )
    else:
        yield fine("token", where)


def check_files(settings: Settings) -> Iterator[Finding]:
    """Modes, owners and the room on the disk."""
    store, baileys = settings.messages_db.parent, settings.baileys_db.parent
    found = list(_paths(store, STORE, baileys, settings))
    if not found:
        yield note("store", f"There is no store at {store} yet: the Go bridge makes it at its first start.")
    elif os.name != "posix":
        yield note("modes", "Windows has no modes: keep the stores in your own user's folder.")
    else:
        yield from _private(found)
    for folder in {path for path in (store, baileys) if path.is_dir()}:
        yield _room(folder)


def _paths(store: Path, patterns: Iterable[str], baileys: Path, settings: Settings) -> Iterator[Path]:
    held = [path for pattern in patterns for path in store.glob(pattern)]
    if held:
        yield store
    yield from held[:MOST]
    yield from [path for pattern in BAILEYS for path in baileys.glob(pattern)][:MOST]
    for single in (settings.token_path, settings.http_token_path):
        if single.parent != store and single.is_file():
            yield single


def _private(paths: list[Path]) -> Iterator[Finding]:
    states = [(path, path.lstat()) for path in paths]
    links = [path for path, state in states if stat.S_ISLNK(state.st_mode)]
    others = [path for path, state in states if state.st_uid != os.getuid()]
    held = {*links, *others, *(path for path in paths if _shut_in(path))}
    open_ = [path for path, state in states if state.st_mode & 0o077 and path not in held]
    if others:
        yield error(
            "owner",
            f"{_count(others)} not to this user: {_named(others)}. A bridge was once started as another user.",
            f"sudo chown -R {os.getuid()}:{os.getgid()} {_quoted(others)}",
        )
    if open_:
        yield error(
            "modes",
            f"{_count(open_)} can be opened by other users of this machine: {_named(open_)}.",
            f"chmod go-rwx {_quoted(open_)}",
        )
    if not others and not open_:
        yield fine("modes", f"{len(paths)} files and folders are closed to others")


def _shut_in(path: Path) -> bool:
    """What a person puts beside the media to send it has any mode; the folder keeps others out."""
    folder = path.parent
    return folder.name == MEDIA and not folder.stat().st_mode & 0o077


def _count(paths: list[Path]) -> str:
    return "1 file or folder" if len(paths) == 1 else f"{len(paths)} files and folders"


def _named(paths: list[Path]) -> str:
    more = "" if len(paths) <= NAMED else " and others"
    return ", ".join(f"{path} ({stat.S_IMODE(path.lstat().st_mode):04o})" for path in paths[:NAMED]) + more


def _quoted(paths: list[Path]) -> str:
    """Enough to act on; the folders above where there are many."""
    shown = paths if len(paths) <= NAMED else sorted({path if path.is_dir() else path.parent for path in paths})
    return ("-R " if shown is not paths else "") + " ".join(shlex.quote(str(path)) for path in shown)


def _room(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    said = f"{free / (1 << 30):.1f} GiB are free at {folder}"
    if free < TOO_LITTLE:
        return error("disk", f"Only {said}: nothing more can be stored.", "Free some space.")
    if free < LITTLE:
        return warning("disk", f"Only {said}.", "Free some space before the store grows.")
    return fine("disk", said)

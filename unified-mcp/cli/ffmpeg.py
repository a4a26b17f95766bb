"""Where ffmpeg is, which the Go bridge makes voice notes with."""

from __future__ import annotations

import os
import shutil
from importlib import import_module


def find_ffmpeg() -> str | None:
    """The one that is set, the system's, or that of the extra `voice`; None where there is none."""
    known = os.environ.get("WHATSAPP_MCP_FFMPEG") or shutil.which("ffmpeg")
    if known is not None:
        return known
    try:
        return str(import_module("imageio_ffmpeg").get_ffmpeg_exe())
    except (ImportError, RuntimeError):  # the extra is not installed, or has no binary for this machine
        return None

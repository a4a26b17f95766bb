"""The system's Chromium, without a window, and an eye that reads QR codes off what it shows."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import zxingcpp
from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    """The path of the browser, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser of its own."""
    path = find_chromium()
    assert path is not None, "tests that need a browser are not collected where there is none"
    # Chromium's sandbox refuses root, which is who runs in most containers.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=path, args=arguments)
        try:
            yield browser
        finally:
            await browser.close()


async def picture(page: Page, name: str, *, whole: bool = True) -> None:
    """A picture for the documents, where they ask for one: of the whole page, or of what the window shows."""
    if folder := os.environ.get("SCREENSHOTS"):
        await page.screenshot(path=Path(folder) / name, full_page=whole)


def read_codes(picture: bytes) -> set[str]:
    """Every QR code in a picture, as the phone's camera reads it."""
    return _codes(Image.open(io.BytesIO(picture)))


def _codes(picture: Image.Image) -> set[str]:
    # Of all the kinds that the reader knows, one of stripes is seen in the pattern of every 300th QR code.
    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    return {code.text for code in zxingcpp.read_barcodes(picture, formats=formats)}


def read_drawing(drawing: str) -> set[str]:
    """Every QR code in a drawing of half blocks on a dark terminal."""
    lines = [line for line in drawing.splitlines() if line and not set(line) - set(" ▀▄█")]
    width = max(map(len, lines))
    picture = Image.new("L", (width, 2 * len(lines)), 255)
    for y, line in enumerate(lines):
        for x, sign in enumerate(line.ljust(width)):
            picture.putpixel((x, 2 * y), 255 if sign in "▀█" else 0)
            picture.putpixel((x, 2 * y + 1), 255 if sign in "▄█" else 0)
    whole = picture.resize((width * 8, picture.height * 8), Image.Resampling.NEAREST)
    return _codes(whole)

"""Small files of each kind, made by hand."""

from __future__ import annotations

import io
import math
import struct
import subprocess
import wave
import zlib
from pathlib import Path

from cli.ffmpeg import find_ffmpeg


def png(width: int, height: int) -> bytes:
    """A picture in one colour."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(content, zlib.crc32(name)))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = (b"\0" + b"\xe0\x80\x20" * width) * height
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def webp(width: int, height: int) -> bytes:
    """A picture in one colour: lossless WebP, where a code of one symbol takes no bits at all."""
    bits: list[int] = []

    def put(value: int, count: int) -> None:
        bits.extend(value >> bit & 1 for bit in range(count))

    put(width - 1, 14)
    put(height - 1, 14)
    put(0, 4)  # no alpha, version 0
    put(0, 3)  # no transform, no cache of colours, no meta codes
    for symbol in (0x80, 0xE0, 0x20, 0xFF, 0):  # green, red, blue, alpha, distance
        put(0b101, 3)  # simple, one symbol, of eight bits
        put(symbol, 8)
    put(0, -len(bits) % 8)
    content = b"\x2f" + bytes(sum(bits[at + bit] << bit for bit in range(8)) for at in range(0, len(bits), 8))
    padded = content + b"\0" * (len(content) % 2)
    body = b"WEBPVP8L" + struct.pack("<I", len(content)) + padded
    return b"RIFF" + struct.pack("<I", len(body)) + body


def tone(seconds: float) -> bytes:
    """A WAV file that begins loud and ends in silence."""
    rate = 8000
    samples = [round(20_000 * math.sin(at / 3) * (at < rate * seconds / 2)) for at in range(int(rate * seconds))]
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return file.getvalue()


def convert(source: Path, target: Path) -> Path:
    """The same sound in the format that the target's name says."""
    ffmpeg = find_ffmpeg()
    assert ffmpeg is not None
    subprocess.run([ffmpeg, "-nostdin", "-loglevel", "error", "-i", str(source), str(target)], check=True, timeout=60)
    return target

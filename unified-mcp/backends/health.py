r"""A bridge proves that it holds the token before anything is sent to it.

Whoever binds port 8080 first could otherwise collect the token and every message. The proof is
`HMAC-SHA256(token, "whatsapp-mcp health\n" + bridge + "\n" + port + "\n" + nonce)` in hex; bridge and port are in
it, so that a squatter cannot pass on the proof of a bridge that listens elsewhere.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets


def fresh_nonce() -> str:
    """128 bits as hex, never used twice."""
    return secrets.token_hex(16)


def proof(token: str, bridge: str, port: int, nonce: str) -> str:
    """What a bridge that holds the token answers."""
    message = f"whatsapp-mcp health\n{bridge}\n{port}\n{nonce}"
    return hmac.new(token.encode(), message.encode(), hashlib.sha256).hexdigest()


def proves(answer: str | None, token: str, bridge: str, port: int, nonce: str) -> bool:
    """Whether the answer is the proof, compared in constant time."""
    if answer is None:
        return False
    # Bytes: compare_digest raises on text beyond ASCII, which a squatter may answer with.
    return hmac.compare_digest(answer.encode(errors="replace"), proof(token, bridge, port, nonce).encode())

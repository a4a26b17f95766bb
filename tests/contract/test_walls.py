"""What a web page, the LAN or a squatter could try at either bridge."""

from __future__ import annotations

import hashlib
import hmac
import json
import stat
import subprocess

import httpx
import pytest

from cli.build import BAILEYS_BRIDGE, GO_BRIDGE
from cli.stage import Program, Stage, baileys_program, whatsapp_program

BRIDGES = pytest.mark.parametrize("bridge", ["whatsapp", "baileys"])
COMMANDS = {"whatsapp": [str(GO_BRIDGE)], "baileys": ["node", str(BAILEYS_BRIDGE)]}


def program(stage: Stage, bridge: str) -> Program:
    return stage.whatsapp if bridge == "whatsapp" else stage.baileys


def ask(stage: Stage, bridge: str, token: str, path: str = "/api/status", **headers: str) -> httpx.Response:
    given = {"Authorization": f"Bearer {token}", **headers}
    return httpx.get(f"http://{program(stage, bridge).listen}{path}", headers=given)


@BRIDGES
def test_a_page_of_another_origin_is_refused(unpaired: Stage, token: str, bridge: str) -> None:
    for origin in ("https://example.com", "null", f"http://{program(unpaired, bridge).listen}"):
        assert ask(unpaired, bridge, token, Origin=origin).status_code == 403
        assert ask(unpaired, bridge, token, "/health", Origin=origin).status_code == 403


@BRIDGES
def test_a_name_that_was_rebound_to_loopback_is_refused(unpaired: Stage, token: str, bridge: str) -> None:
    port = program(unpaired, bridge).listen.rpartition(":")[2]
    for host in ("evil.example", f"evil.example:{port}", "127.0.0.1", "127.0.0.1:1", f"127.0.0.1.evil.example:{port}"):
        assert ask(unpaired, bridge, token, Host=host).status_code == 403
    for host in (f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}"):
        assert ask(unpaired, bridge, token, Host=host).status_code == 200


@BRIDGES
def test_only_json_bodies_are_read(unpaired: Stage, token: str, bridge: str) -> None:
    url = f"http://{program(unpaired, bridge).listen}/api/pairing"
    headers = {"Authorization": f"Bearer {token}"}
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        refused = httpx.post(url, headers={**headers, "Content-Type": kind}, content=b"{}")
        assert refused.status_code == 415, kind
    broken = httpx.post(url, headers={**headers, "Content-Type": "application/json"}, content=b"{")
    assert broken.status_code == 400
    assert broken.json()["error_code"] == "INVALID_ARGUMENT"
    large = httpx.post(url, headers={**headers, "Content-Type": "application/json"}, content=b" " * (1 << 20) + b"{}")
    assert large.status_code == 413


@BRIDGES
def test_no_answer_may_be_read_by_a_page_or_kept_by_a_cache(unpaired: Stage, token: str, bridge: str) -> None:
    answer = ask(unpaired, bridge, token)
    assert not [name for name in answer.headers if name.startswith("access-control-")]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


@BRIDGES
def test_health_proves_the_token_and_says_nothing_personal(unpaired: Stage, token: str, bridge: str) -> None:
    here = program(unpaired, bridge)
    nonce = "0123456789abcdef" * 2
    answer = httpx.get(f"http://{here.listen}/health", params={"nonce": nonce}).json()
    message = f"whatsapp-mcp health\n{here.name}\n{here.listen.rpartition(':')[2]}\n{nonce}"
    expected = hmac.new(token.encode(), message.encode(), hashlib.sha256).hexdigest()
    assert answer == {"status": "ok", "bridge": here.name, "version": "0.1.0", "proof": expected}
    assert "proof" not in httpx.get(f"http://{here.listen}/health").json()


@BRIDGES
def test_an_unknown_path_and_a_wrong_method_are_our_own_errors(unpaired: Stage, token: str, bridge: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    base = f"http://{program(unpaired, bridge).listen}"
    for response, status in (
        (httpx.get(f"{base}/api/nothing", headers=headers), 404),
        (httpx.delete(f"{base}/api/status", headers=headers), 405),
    ):
        assert response.status_code == status
        assert response.json()["error_code"] == "INVALID_ARGUMENT"


@BRIDGES
@pytest.mark.parametrize("listen", ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"])
def test_a_bridge_listens_on_this_machine_only(built: None, tmp_path: object, bridge: str, listen: str) -> None:
    command = [*COMMANDS[bridge], "--listen", listen, "--store", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "loopback" in done.stderr
    assert done.stdout == ""


@BRIDGES
def test_the_emulator_switch_works_for_loopback_alone(built: None, tmp_path: object, bridge: str) -> None:
    command = [*COMMANDS[bridge], "--listen", "127.0.0.1:0", "--store", str(tmp_path)]
    for address in ("ws://192.0.2.1:80", "wss://web.whatsapp.com", "ws://localhost.evil.example:1", "nonsense"):
        done = subprocess.run(
            [*command, "--emulator", address], capture_output=True, text=True, timeout=30, check=False
        )
        assert done.returncode == 2, address
        assert "loopback" in done.stderr


@BRIDGES
def test_a_second_start_says_who_holds_the_store(unpaired: Stage, bridge: str) -> None:
    holder = program(unpaired, bridge)
    make = whatsapp_program if bridge == "whatsapp" else baileys_program
    second = make(unpaired.folder, unpaired.emulator.listen)
    done = subprocess.run(second.command, capture_output=True, text=True, timeout=30, check=False, cwd=second.where)
    assert done.returncode == 1
    assert str(holder.pid) in done.stderr
    assert holder.listen in done.stderr
    assert done.stdout == ""


@BRIDGES
def test_a_port_in_use_is_named(unpaired: Stage, tmp_path_factory: pytest.TempPathFactory, bridge: str) -> None:
    taken = program(unpaired, bridge).listen
    make = whatsapp_program if bridge == "whatsapp" else baileys_program
    other = make(tmp_path_factory.mktemp("other"), unpaired.emulator.listen, taken)
    done = subprocess.run(other.command, capture_output=True, text=True, timeout=30, check=False, cwd=other.where)
    assert done.returncode == 1
    assert taken.rpartition(":")[2] in done.stderr
    assert "Traceback" not in done.stderr
    assert "panic" not in done.stderr


def test_every_file_of_the_stores_is_private(unpaired: Stage) -> None:
    for folder in ("whatsapp", "baileys"):
        for path in [unpaired.folder / folder, *(unpaired.folder / folder).rglob("*")]:
            mode = stat.S_IMODE(path.stat().st_mode)
            assert mode == (0o700 if path.is_dir() else 0o600), f"{path.relative_to(unpaired.folder)} is {mode:o}"


def test_both_bridges_share_one_token_of_256_bits(unpaired: Stage, token: str) -> None:
    assert len(bytes.fromhex(token)) == 32
    for bridge in ("whatsapp", "baileys"):
        assert ask(unpaired, bridge, token).status_code == 200


@BRIDGES
def test_a_code_to_link_with_is_offered_as_text_as_a_drawing_and_as_a_picture(
    unpaired: Stage, token: str, bridge: str
) -> None:
    pairing = ask(unpaired, bridge, token, "/api/pairing").json()
    assert pairing["state"] == "not_paired"
    assert pairing["qr"].count(",") >= 3
    assert pairing["expires_at"].endswith("Z")
    assert "█" in pairing["qr_terminal"] or "▀" in pairing["qr_terminal"]
    picture = ask(unpaired, bridge, token, "/api/pairing/qr.png")
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG\r\n")


@BRIDGES
def test_a_status_is_distinct_while_nothing_is_linked(unpaired: Stage, token: str, bridge: str) -> None:
    status = ask(unpaired, bridge, token).json()
    assert (status["state"], status["logged_in"], status["emulated"]) == ("not_paired", False, True)
    assert json.dumps(status).count(token) == 0

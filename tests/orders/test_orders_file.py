"""orders.yaml: what may stand there, and every mistake with its place."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest
from cli.runs import get, metric, running
from peers.servers import free_port
from typer.testing import CliRunner

from monitor.cli import command_line
from monitor.core.workorder.course import Policy
from monitor.inventory import InventoryError
from monitor.inventory.orders_file import beside, paging_of

MANUAL = (Path(__file__).parents[2] / "docs" / "orders.md").read_text(encoding="utf-8")
SETTINGS = "settings: {public_url: https://c.example, alerts: file:long, links: file:long}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secrets").mkdir()
    for name in (
        "long",
        "secrets/alerts",
        "secrets/links",
        "secrets/field-phone",
        "secrets/desk",
        "secrets/duty-officer",
    ):
        file = tmp_path / name
        file.write_text("x" * 20)
        file.chmod(0o600)
    short = tmp_path / "short"
    short.write_text("x" * 19)
    short.chmod(0o600)
    return tmp_path


def test_the_example_of_the_manual_is_valid(folder: Path) -> None:
    """And means what it says."""
    (example,) = re.findall(r"```yaml\n(.*?)```", MANUAL, re.DOTALL)
    beside(folder).write_text(example, encoding="utf-8")
    paging = paging_of(folder, {})
    assert paging is not None
    assert (paging.public_url, paging.time_zone) == ("https://camfleet.example", "Asia/Karachi")
    called = {"field": ("field",), "power": ("field",), "anybody": ("desk",)}
    assert paging.policy == Policy(called, ("duty-officer",), escalate_s=900.0, green_s=600.0)
    assert paging.policy.called("network") == ("desk",)
    assert paging.channels["field"].language == "ur"
    assert "x" * 20 not in repr(paging)


def test_without_the_file_there_is_nothing(folder: Path) -> None:
    """And a folder of an inventory may hold it."""
    assert paging_of(folder / "inventory.yaml", {}) is None


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        ("channels: {}", ["1:1: settings: must be given; with public_url, alerts and links"]),
        (
            SETTINGS + "channels: {a: {}}",
            ["2:12: channels.a: needs apprise or a URL, and not both; write apprise: file:PATH, or url:"],
        ),
        (
            SETTINGS + "channels: {a: {url: https://x.example}}",
            ["2:21: channels.a.url: needs a secret that signs what is sent there; write secret: file:PATH"],
        ),
        (
            SETTINGS + "channels: {a: {url: 'http://x.example', secret: file:short}}",
            [
                "2:21: channels.a.url: would send it for all to read; write https://",
                "2:49: channels.a.secret: is shorter than 20 characters",
            ],
        ),
        (
            SETTINGS + "channels: {a: {apprise: file:long, escalation: true, roles: field}}",
            ["2:61: channels.a.roles: says nothing beside escalation: true; leave one of them out"],
        ),
        (
            "settings: {public_url: 'https://me:x@c.example', alerts: file:gone, links: env:NONE}",
            [
                "1:24: settings.public_url: must be a URL, without a login; write https://camfleet.example",
                "1:58: settings.alerts: the file gone cannot be read: No such file or directory",
                "1:76: settings.links: the environment variable NONE is not set; set it where camfleet is started",
            ],
        ),
        (SETTINGS + "chanels: {}", ["2:1: chanels: unknown section; did you mean channels?"]),
    ],
    ids=str,
)
def test_every_mistake_is_named_with_its_place(folder: Path, text: str, mistakes: list[str]) -> None:
    """All at once."""
    beside(folder).write_text(text)
    with pytest.raises(InventoryError) as found:
        paging_of(folder, {})
    assert str(found.value).splitlines() == [f"{beside(folder)}:{one}" for one in mistakes]


def test_check_config_counts_the_channels_and_names_the_mistakes(folder: Path) -> None:
    """Beside those of the inventory."""
    fleet = folder / "fleet.yaml"
    fleet.write_text("zones: {z: {}}\ncameras: [{id: x, zone: z, address: 127.0.0.1}]\n")
    beside(fleet).write_text(SETTINGS + "channels: {a: {apprise: file:long}}")
    done = CliRunner().invoke(command_line(), ["check-config", str(fleet)])
    assert (done.exit_code, f"1 channel in {beside(fleet)}: no mistake" in done.output) == (0, True)
    beside(fleet).write_text(SETTINGS + "channels: {a: {}}")
    assert CliRunner().invoke(command_line(), ["check-config", str(fleet)]).exit_code == 1


STRANGERS = "settings.public_url: lets strangers in; start camfleet with --tokens FILE, so that they see no more"


def test_a_public_address_without_tokens_is_refused_at_the_start(folder: Path) -> None:
    """Whoever comes through a proxy would be an operator."""
    fleet = folder / "fleet.yaml"
    fleet.write_text("zones: {z: {}}\ncameras: [{id: x, zone: z, address: 127.0.0.1}]\n")
    beside(fleet).write_text(SETTINGS + "channels: {a: {apprise: file:long}}")
    done = CliRunner().invoke(command_line(), ["run", "-i", str(fleet), "--ledger", str(folder / "ledger")])
    assert done.exit_code == 2
    assert f"{beside(fleet)}:1:24: {STRANGERS}" in done.output
    assert not (folder / "ledger").exists()


def test_a_public_address_without_tokens_is_refused_by_a_running_monitor_too(folder: Path) -> None:
    """SIGHUP takes in none of what was written then; the orders of before stay in force, and the pages say so."""
    fleet, port = folder / "fleet.yaml", free_port()
    fleet.write_text("zones: {z: {}}\ncameras: [{id: x, zone: z, address: 127.0.0.1}]\n")
    here = SETTINGS.replace("https://c.example", f"http://127.0.0.1:{port}")
    beside(fleet).write_text(here + "channels: {a: {apprise: file:long}}")
    with running("run", "-i", "fleet.yaml", "--listen", f"127.0.0.1:{port}", folder=folder) as process:
        process.until("First verdicts")
        beside(fleet).write_text(SETTINGS + "channels: {a: {apprise: file:long}}")
        process.signal(signal.SIGHUP)
        process.until(STRANGERS)
        assert "1 mistake; the old ones stay in force" in process.err
        assert metric(port, "camfleet_inventory_last_reload_successful") == 0
        assert "on disk have been wrong since" in get(port, "/")[1]
        beside(fleet).write_text(here + "channels: {a: {apprise: file:long}, b: {apprise: file:long}}")
        process.signal(signal.SIGHUP)
        process.until("inventory reloaded")


def test_behind_tokens_a_public_address_is_taken_in(folder: Path) -> None:
    """At the start and by SIGHUP."""
    fleet, port, tokens = folder / "fleet.yaml", free_port(), folder / "tokens"
    fleet.write_text("zones: {z: {}}\ncameras: [{id: x, zone: z, address: 127.0.0.1}]\n")
    beside(fleet).write_text(SETTINGS + "channels: {a: {apprise: file:long}}")
    tokens.write_text("operator 0123456789abcdef0123456789abcdef\n")
    tokens.chmod(0o600)
    command = ("run", "-i", "fleet.yaml", "--listen", f"127.0.0.1:{port}", "--tokens", "tokens")
    with running(*command, folder=folder) as process:
        process.until("First verdicts")
        process.signal(signal.SIGHUP)
        process.until("inventory reloaded")

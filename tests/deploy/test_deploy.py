"""What deploy/ ships, and the commands of docs/operations.md, as far as they can be tried without a service manager."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from peers.fleets import NOW
from peers.servers import require

from monitor.core.event import Heartbeat
from monitor.ledger.ledger import Ledger

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
COMPOSE: Mapping[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: Mapping[str, Mapping[str, Any]] = COMPOSE["services"]
DOCKERFILE = (DEPLOY / "compose" / "Dockerfile").read_text(encoding="utf-8")
TOKEN = "t" * 32


def camfleet(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "monitor", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env={**os.environ, **environment})


# The unit -------------------------------------------------------------------------------------------------------------


def test_the_units_exposure_is_what_the_page_says() -> None:
    """As systemd itself judges it, on its scale from 0 (exposed to nothing) to 10."""
    program = require("systemd-analyze", package="systemd")
    command = [program, "security", "--offline=true", "--no-pager", str(DEPLOY / "camfleet.service")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    said = re.search(r"exposure level for camfleet.service: ([\d.]+)", done.stdout)
    assert said is not None, done.stdout + done.stderr
    assert f"exposure level for camfleet.service: {said[1]} OK" in OPERATIONS
    assert float(said[1]) <= 1.5


def test_the_unit_starts_a_command_that_there_is() -> None:
    """With options that `run` knows."""
    unit = (DEPLOY / "camfleet.service").read_text(encoding="utf-8")
    started = re.search(r"^ExecStart=/opt/camfleet/\.venv/bin/camfleet (.*)$", unit, re.MULTILINE)
    assert started is not None
    _insist_on_options(shlex.split(started[1]))


def _insist_on_options(arguments: list[str]) -> None:
    shown = camfleet(arguments[0], "--help", COLUMNS="200").stdout
    assert {one for one in arguments if one.startswith("--")} <= set(re.findall(r"--[a-z-]+", shown))


# Containers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_may_do_next_to_nothing(name: str) -> None:
    """A read-only root, no capability, no new privileges, bounded memory, a fixed version, and a health check."""
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert re.fullmatch(r"[\w/-]+:v?\d+\.\d+\.\d+", service["image"])
    assert {"healthcheck", "mem_limit", "restart"} <= service.keys()
    assert "privileged" not in service


def test_only_pages_that_people_need_are_published_and_only_on_this_host() -> None:
    """camfleet's and Grafana's."""
    published = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert published == ["127.0.0.1:8480:8480", "127.0.0.1:3000:3000"]


def test_everything_that_is_mounted_is_there() -> None:
    """Files of the checkout by their paths, volumes and secrets by their names."""
    for service in SERVICES.values():
        for mounted in service["volumes"]:
            source = re.sub(r":/[^:]*(:ro)?$", "", mounted)
            assert source.startswith("$") or source in COMPOSE["volumes"] or (DEPLOY / source).exists(), mounted
        for secret in service["secrets"]:
            assert (secret if isinstance(secret, str) else secret["source"]) in COMPOSE["secrets"]
    assert all("file" in secret for secret in COMPOSE["secrets"].values())


def test_the_container_is_handed_what_the_first_days_inventory_and_orders_name() -> None:
    """Or neither the camera's password nor anybody's telephone would be found."""
    named = set(re.findall(r"\bcred:([\w-]+)", "".join(re.findall(r"```yaml\n(.*?)```", OPERATIONS, re.DOTALL))))
    assert named == {"password", "alerts", "links", "duty-phone"}
    assert named <= set(SERVICES["camfleet"]["secrets"])


def test_no_secret_stands_in_the_environment() -> None:
    """Variables name files."""
    told = {name for service in SERVICES.values() for name in service.get("environment", ())}
    assert not [name for name in told if "PASSWORD" in name and not name.endswith("__FILE")]


def test_the_image_is_made_of_what_there_is() -> None:
    """Each file that is copied exists and is let through, and the command that it runs has these options."""
    passed = (DEPLOY / "compose" / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    for words in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE):
        for name in words.split():
            assert (ROOT / name).exists()
            assert f"!{name}" in passed
    command = re.search(r"^CMD (\[.*?\])$", DOCKERFILE.replace("\\\n", ""), re.MULTILINE)
    assert command is not None
    _insist_on_options(yaml.safe_load(command[1]))


@pytest.mark.parametrize("place", ["prometheus.yml", "compose/prometheus.yml"])
def test_promtool_finds_nothing_wrong_with_prometheus(place: str, tmp_path: Path) -> None:
    """The configuration with its rules where it looks for them."""
    program = require("promtool", package="prometheus")
    for name in ("rules", "alerts"):
        shutil.copytree(ROOT / "dashboards" / name, tmp_path / "dashboards" / name)
        shutil.copytree(ROOT / "dashboards" / name, tmp_path / "prometheus" / name)
    (tmp_path / "token").write_text(TOKEN)
    text = (DEPLOY / place).read_text(encoding="utf-8").replace("/run/secrets/scrape-token", str(tmp_path / "token"))
    (tmp_path / "prometheus" / "prometheus.yml").write_text(text, encoding="utf-8")
    command = [program, "check", "config", str(tmp_path / "prometheus" / "prometheus.yml")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(re.findall(r"SUCCESS: \d+ rules found", done.stdout)) == len(
        list((ROOT / "dashboards").glob("[ra]*s/*.yaml"))
    )


# The first day --------------------------------------------------------------------------------------------------------


def test_the_first_days_inventory_and_orders_are_right(tmp_path: Path) -> None:
    """As they stand on the page, with the secrets as the service is handed them."""
    fleet, orders = re.findall(r"^```yaml\n(.*?)^```$", OPERATIONS, re.MULTILINE | re.DOTALL)
    secrets = {"password": TOKEN, "alerts": TOKEN, "links": TOKEN, "duty-phone": "ntfy://topic"}
    for name, secret in secrets.items():
        (tmp_path / name).write_text(secret)
        (tmp_path / name).chmod(0o600)
    inventory = tmp_path / "camfleet"
    inventory.mkdir()
    (inventory / "fleet.yaml").write_text(fleet, encoding="utf-8")
    (inventory / "orders.yaml").write_text(orders, encoding="utf-8")
    done = camfleet("check-config", str(inventory), CREDENTIALS_DIRECTORY=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "1 camera," in done.stdout
    assert "1 channel in" in done.stdout


def test_a_damaged_ledger_is_replaced_by_its_backup_as_the_page_says(tmp_path: Path) -> None:
    """Backup, move away, restore and verify, by the page's own commands in another folder; no event is missing."""
    state, backups = tmp_path / "state", tmp_path / "backups"
    state.mkdir()
    backups.mkdir()
    ledger = Ledger.open(state / "ledger.sqlite")
    ledger.append([Heartbeat(NOW, "central", {})] * 7, {})
    ledger.seal(NOW)
    assert ledger.close(60.0) == 0
    section = OPERATIONS.partition("## Backup and restore")[2].partition("\n## ")[0]
    for command in (line.strip() for line in section.splitlines() if line.startswith("    ")):
        here = command.replace("/var/lib/camfleet", str(state)).replace("/var/backups", str(backups))
        words = shlex.split(here.replace("$(date +%F)", "2026-11-27"))
        if words[0] == "systemctl":
            continue
        done = camfleet(*words[1:]) if words[0] == "camfleet" else subprocess.run(words, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    exported = camfleet("ledger", "export", "--ledger", str(state / "ledger.sqlite")).stdout.splitlines()
    assert len(exported) == 7
    assert (state / "ledger.sqlite-key").exists()

"""Secrets are referred to, read once, and seen nowhere."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.core.model import Inventory
from monitor.inventory import InventoryError, load

Written = Callable[..., Inventory]
CANARY = "canary-7f3a"


def fleet(password: str) -> str:
    return (
        f"credentials: {{city: {{username: camfleet, password: {json.dumps(password)}}}}}\n"
        "zones: {z: {}}\ncameras: [{id: gate, zone: z, address: 192.0.2.17, credential: city}]\n"
    )


def refused(path: Path, environ: dict[str, str] | None = None) -> str:
    """The sentence of the only mistake."""
    with pytest.raises(InventoryError) as caught:
        load(path, environ or {})
    (mistake,) = caught.value.mistakes
    assert mistake.where == "credentials.city.password"
    return f"{mistake.message}; {mistake.hint}".removesuffix("; ")


def password_of(inventory: Inventory) -> str:
    credential = inventory.devices["gate"].credential
    assert credential
    return credential.password.reveal()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "inventory.yaml"
    path.write_text(fleet("file:secret"))
    return path


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    secret = tmp_path / "secret"
    secret.write_text(f"{CANARY}\n")
    secret.chmod(0o600)
    return secret


@pytest.mark.parametrize("content", [CANARY, f"{CANARY}\n", f"{CANARY}\r\n", f"{CANARY}\nnote\n", f"\ufeff{CANARY}"])
def test_a_secret_file_is_its_first_line(content: str, path: Path, secret: Path) -> None:
    """With or without an end of line, a note below, or a mark of UTF-8."""
    secret.write_bytes(content.encode())
    assert password_of(load(path, {})) == CANARY


def test_spaces_belong_to_a_secret(path: Path, secret: Path) -> None:
    """Only the end of the line is taken off."""
    secret.write_text(" a b \n")
    assert password_of(load(path, {})) == " a b "


def test_a_secret_file_is_found_beside_the_file_that_names_it(tmp_path: Path, path: Path, secret: Path) -> None:
    """The working directory does not matter; a folder's file finds its secrets in the folder."""
    assert password_of(load(tmp_path, {})) == CANARY


def test_an_absolute_path_is_allowed(tmp_path: Path, secret: Path) -> None:
    """Where a system hands out credentials in a folder of its own."""
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / "inventory.yaml").write_text(fleet(f"file:{secret}"))
    assert password_of(load(folder, {})) == CANARY


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602, 0o644, 0o777])
def test_a_secret_that_others_can_read_or_change_is_none(mode: int, path: Path, secret: Path) -> None:
    """The mistake says the command that mends it."""
    secret.chmod(mode)
    assert refused(path) == "others can read or change the file secret; chmod 600 secret"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_group_that_another_owner_chose_may_read(path: Path, secret: Path) -> None:
    """systemd and Kubernetes hand out secrets as files of theirs with a group of ours."""
    secret.chmod(0o440)
    os.chown(secret, 65534, 0)
    assert password_of(load(path, {})) == CANARY


def test_a_link_to_a_secret_is_followed_and_its_target_judged(tmp_path: Path, path: Path, secret: Path) -> None:
    """Rotated secrets are links; what counts is who can read the file at their end."""
    real = secret.rename(tmp_path / "real")
    secret.symlink_to(real)
    assert password_of(load(path, {})) == CANARY
    real.chmod(0o644)
    assert refused(path) == "others can read or change the file secret; chmod 600 secret"


def test_what_is_no_file_is_not_read(path: Path, secret: Path) -> None:
    """A pipe would make us wait for ever."""
    secret.unlink()
    os.mkfifo(secret, 0o600)
    assert refused(path) == "secret is not a file"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "file:secret is empty; put the secret there"),
        (b"\nsecond line\n", "file:secret is empty; put the secret there"),
        (b"\xff\xfec\x00", "the file secret is not in UTF-8; save it as UTF-8"),
        (b"a\x00b\n", "file:secret holds control characters; a secret is one line of text"),
        (b"a\tb\n", "file:secret holds control characters; a secret is one line of text"),
        (b"x" * 5000, "the first line of the file secret is longer than 4096 bytes"),
    ],
)
def test_what_is_no_secret_is_refused(content: bytes, sentence: str, path: Path, secret: Path) -> None:
    """Empty, binary or endless first lines."""
    secret.write_bytes(content)
    assert refused(path) == sentence


@pytest.mark.parametrize("reference", ["file:../secret", "file:a/../../secret", "file:/tmp/../etc/shadow"])
def test_a_path_does_not_lead_out_by_dots(reference: str, path: Path) -> None:
    """An inventory from elsewhere cannot reach around."""
    path.write_text(fleet(reference))
    assert refused(path) == "a secret's path does not lead out of its folder by ..; write an absolute path"


def test_a_variable_that_is_not_set_is_named(path: Path) -> None:
    """The name is in the inventory anyway."""
    path.write_text(fleet("env:CITY"))
    assert refused(path) == "the environment variable CITY is not set; set it where camfleet is started"


@pytest.fixture
def handed(tmp_path: Path) -> dict[str, str]:
    """The environment of a unit that systemd has handed a credential over to, as LoadCredential=city:… does."""
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "city").write_text(f"{CANARY}\n")
    (folder / "city").chmod(0o400)
    return {"CREDENTIALS_DIRECTORY": str(folder)}


def test_a_credential_of_systemd(path: Path, handed: dict[str, str]) -> None:
    """cred:NAME is the first line of the credential of that name, wherever the inventory lies."""
    path.write_text(fleet("cred:city"))
    assert password_of(load(path, handed)) == CANARY


@pytest.mark.parametrize(
    ("reference", "environ", "sentence"),
    [
        ("cred:city", {}, "systemd has handed over no credentials; cred: is for a unit of systemd with LoadCredential=city:PATH; elsewhere write file:PATH"),
        ("cred:village", None, "the file village cannot be read: No such file or directory"),
        ("cred:..", None, "a secret does not stand in the inventory; write a reference, env:NAME, file:PATH or cred:NAME"),
        ("cred:../city", None, "a secret does not stand in the inventory; write a reference, env:NAME, file:PATH or cred:NAME"),
        ("cred:/etc/shadow", None, "a secret does not stand in the inventory; write a reference, env:NAME, file:PATH or cred:NAME"),
        ("cred:", None, "a secret does not stand in the inventory; write a reference, env:NAME, file:PATH or cred:NAME"),
    ],
)  # fmt: skip
def test_a_credential_that_was_not_handed_over(
    reference: str, environ: dict[str, str] | None, sentence: str, path: Path, handed: dict[str, str]
) -> None:
    """What is missing is named; a name leads nowhere else."""
    path.write_text(fleet(reference))
    assert refused(path, handed if environ is None else environ) == sentence


def test_a_credential_that_others_can_read(path: Path, handed: dict[str, str]) -> None:
    """The rule of secret files holds there too."""
    (Path(handed["CREDENTIALS_DIRECTORY"]) / "city").chmod(0o444)
    path.write_text(fleet("cred:city"))
    assert refused(path, handed) == "others can read or change the file city; chmod 600 city"


@pytest.mark.parametrize("password", [CANARY, f"env:{CANARY}", f"ENV:{CANARY}", f"file:\n{CANARY}", f" env:A {CANARY}"])
def test_a_password_in_the_inventory_is_refused_and_not_repeated(password: str, path: Path) -> None:
    """Whatever stands where a reference should be may be the secret."""
    path.write_text(fleet(password))
    sentence = refused(path)
    assert sentence == "a secret does not stand in the inventory; write a reference, env:NAME, file:PATH or cred:NAME"


#: Where a secret may land by a slip, a line each; every one of these is a mistake.
SLIPS = [
    f"credentials: {{city: {{username: a, password: {CANARY}}}}}",
    f"credentials: {{city: {{username: a, pasword: {CANARY}}}}}",
    f"credentials: {{city: {{username: a, password: [{CANARY}]}}}}",
    f"credentials: {{city: {CANARY}}}",
    f"credentials: [{CANARY}]",
    f"credentials: {CANARY}",
    f"snmp: {{a: {{version: {CANARY}, community: {CANARY}}}}}",
    f"snmp: {{a: {{version: v3, username: a, auth: {CANARY}, auth_password: {CANARY}}}}}",
    f"defaults: {{credential: {CANARY}}}",
    f"defaults: {{credential: 'admin:{CANARY}', snmp: {CANARY}}}",
    f"cameras: [{{id: a, zone: z, address: 'rtsp://a:{CANARY}@192.0.2.1/'}}]",
    f"cameras: [{{id: a, zone: z, address: 'a:{CANARY}@192.0.2.1'}}]",
    f"cameras: [{{id: a, zone: z, address: 192.0.2.1, stream: 'rtsp://a:{CANARY}@192.0.2.1/'}}]",
    f"cameras: [{{id: a, zone: z, address: 192.0.2.1, stream: '/user=a&password={CANARY}'}}]",
    f"cameras: [{{id: a, zone: z, address: 192.0.2.1, stream: '/a?pwd={CANARY}'}}]",
    f"cameras: [{{id: a, zone: z, address: 192.0.2.1, credential: {{password: {CANARY}}}}}]",
    f"cameras: [{{id: a, zone: z, address: 192.0.2.1, password: {CANARY}}}]",
    f"cameras: [{{id: a, zone: z, address: 192.0.2.1, ports: {CANARY}, probes: {CANARY}, channel: {CANARY}}}]",
    f'credentials: {{city: {{username: a, password: "{CANARY}}}}}',
    f"credentials: {{city: {{username: a, password: @{CANARY}}}}}",
    f"credentials: {{city: {{username: a, password: !{CANARY} x}}}}",
    f"credentials: {{city: {{username: a, password: &{CANARY} x}}}}",
    f"credentials: {{city: {{username: a, password: *{CANARY}}}}}",
    f"credentials: {{city: {{username: a, password: {CANARY}: x}}}}",
]


@pytest.mark.parametrize("slip", SLIPS)
def test_no_message_repeats_a_secret_written_in_the_wrong_place(slip: str, tmp_path: Path) -> None:
    """The canary is in the file, and in no mistake, however it is shown."""
    path = tmp_path / "inventory.yaml"
    path.write_text(f"zones: {{z: {{}}}}\n{slip}\n")
    with pytest.raises(InventoryError) as caught:
        load(path, {})
    assert CANARY not in f"{caught.value} {caught.value!r} {caught.value.mistakes}"
    assert caught.value.__cause__ is None


def test_no_way_of_printing_an_inventory_shows_a_secret(written: Written, environ: dict[str, str]) -> None:
    """repr, str and format of the whole and of each secret show where it came from."""
    inventory = written(
        fleet_yaml="credentials: {city: {username: a, password: env:CAMFLEET_PASSWORD}}\n"
        "snmp:\n  a: {version: v2c, community: env:CAMFLEET_COMMUNITY}\n"
        "  b: {version: v3, username: a, auth: md5, auth_password: env:CAMFLEET_SNMP_AUTH,\n"
        "      privacy: des, privacy_password: env:CAMFLEET_SNMP_PRIVACY}\n"
        "zones: {z: {}}\ndefaults: {credential: city, probes: [snmp]}\n"
        "cameras:\n  - {id: c, zone: z, address: 192.0.2.1, snmp: a}\n"
        "  - {id: d, zone: z, address: 192.0.2.2, snmp: b}\n"
    )
    text = f"{inventory} {inventory!r} {inventory.devices} {inventory.devices['d'].snmp!s}"
    assert CANARY not in text
    assert "Secret(env:CAMFLEET_SNMP_PRIVACY)" in text
    snmp = inventory.devices["d"].snmp
    assert snmp
    assert snmp.privacy_password
    assert snmp.privacy_password.reveal() == environ["CAMFLEET_SNMP_PRIVACY"]

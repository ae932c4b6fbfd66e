"""The certificates of the devices that speak TLS: self-signed, and like all of the city of the seed alone.

Keys and signatures are Ed25519's, since those come out the same each time; a city that is started again is no city of
changed certificates.
"""

from __future__ import annotations

import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from simulator.chance import chance
from simulator.model import Device

EXPIRED, CHANGED = "certificate_expired", "certificate_changed"
MADE = datetime(2020, 1, 1, tzinfo=UTC)
EXPIRY = datetime(2021, 1, 1, tzinfo=UTC)
GOOD_UNTIL = datetime(2040, 1, 1, tzinfo=UTC)
SPREAD_DAYS = 3_650


class Certificates:
    """How one device speaks TLS, by the fault that it has."""

    def __init__(self, seed: int, device: Device) -> None:
        self._seed = seed
        self._device = device
        self._contexts: dict[str, ssl.SSLContext] = {}

    def context(self, fault: str) -> ssl.SSLContext:
        kind = fault if fault in (EXPIRED, CHANGED) else ""
        if kind not in self._contexts:
            self._contexts[kind] = _context(pem(self._seed, self._device, kind))
        return self._contexts[kind]


def _context(key_and_certificate: bytes) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:  # OpenSSL takes a key from a file alone
        file.write(key_and_certificate)
        file.flush()
        made.load_cert_chain(file.name)
    return made


def pem(seed: int, device: Device, fault: str = "") -> bytes:
    """Return a device's key and its certificate: its own, the same one expired, or another."""
    rng = chance("certificate", seed, device.id, fault if fault == CHANGED else "")
    key = Ed25519PrivateKey.from_private_bytes(rng.randbytes(32))
    ends = EXPIRY if fault == EXPIRED else GOOD_UNTIL + timedelta(days=rng.randrange(SPREAD_DAYS))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{device.make.name}-{device.serial}")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(rng.getrandbits(64) + 1)
        .not_valid_before(MADE)
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(device.address))]), critical=False)
        .sign(key, None)
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private + certificate.public_bytes(Encoding.PEM)

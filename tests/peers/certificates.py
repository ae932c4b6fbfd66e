"""Certificates as cameras have them, right and wrong, and servers that show them: made for each run, of loopback only."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Identity:
    """A certificate with its key; ``issuer`` signed it, or it did so itself."""

    certificate: x509.Certificate
    key: Key

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def fingerprint(self) -> str:
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    @property
    def ends(self) -> float:
        return self.certificate.not_valid_after_utc.timestamp()

    def context(self, folder: Path, chain: Iterable[Identity] = ()) -> ssl.SSLContext:
        """Return how a server shows it, with these others behind it."""
        path = folder / f"{self.fingerprint[:16]}.pem"
        key = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        path.write_text(key + self.pem + "".join(other.pem for other in chain))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    """One RSA key for all that need one: they take long to make."""
    return rsa.generate_private_key(65537, 2048)


def identity(
    name: str = "camera",
    hosts: Iterable[str] = ("127.0.0.1",),
    days: tuple[float, float] = (-1, 365),
    issuer: Identity | None = None,
    authority: bool = False,
    key: Key | None = None,
    ballast: int = 0,
) -> Identity:
    """Return a certificate for these hosts, valid within these days from now; ``ballast`` makes it that much longer."""
    own = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
    )
    if authority:
        usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
        builder = builder.add_extension(usage, critical=True)
    if hosts and not authority:
        builder = builder.add_extension(x509.SubjectAlternativeName(map(_general, hosts)), critical=False)
    if issuer:
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
        builder = builder.add_extension(identifier, critical=False)
    if ballast:
        extension = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\0" * ballast)
        builder = builder.add_extension(extension, critical=False)
    return Identity(builder.sign(issuer.key if issuer else own, hashes.SHA256()), own)


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def old(context: ssl.SSLContext, newest: ssl.TLSVersion) -> ssl.SSLContext:
    """Have a server know nothing newer than this."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = newest
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context

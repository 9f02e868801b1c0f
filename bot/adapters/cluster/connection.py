"""How to reach one API server: address, TLS, credentials. What a kubeconfig, kind and the embedded server all give.

Invariant: secrets stay in memory; `repr` shows none. A client key that must pass through a file does so for a moment,
in a file that the user alone can read.
"""

from __future__ import annotations

import os
import ssl
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bot.adapters.cluster.errors import ClusterError


class Credentials(Protocol):
    """Who asks. Both methods may take a moment and raise ClusterError."""

    def authorization(self) -> str | None:
        """The Authorization header for the next request."""

    def renew(self) -> bool:
        """The server said 401: whether there may be something newer to try."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A header that never changes: a static token, a name and password, or nothing (client certificates)."""

    header: str | None = field(default=None, repr=False)

    def authorization(self) -> str | None:
        """The header, whatever happened."""
        return self.header

    def renew(self) -> bool:
        """There is nothing newer."""
        return False


@dataclass(frozen=True, slots=True)
class Connection:
    """`kind` names the way it was had (embedded, kind, kubeconfig); `tls` is None for plain HTTP.

    `server_name` is the name in the server's certificate when it is not the address's host; `namespace` is where
    objects without one go.
    """

    url: str
    kind: str
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    credentials: Credentials = Fixed()
    namespace: str = "default"
    proxy: str | None = field(default=None, repr=False)
    server_name: str | None = None


def tls_context(*, authorities: str | None = None, verify: bool = True) -> ssl.SSLContext:
    """A context that trusts these authorities (PEM), the system's when there are none, or everybody."""
    context = ssl.create_default_context(cadata=authorities)
    # Python 3.13 asks more of authorities than RFC 5280's readers do; many clusters' own lack a key identifier.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def add_certificate(context: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    """Presents a client certificate (PEM); Python's ssl reads it from a file alone."""
    handle, name = tempfile.mkstemp(prefix="k8s-auto-fix-", suffix=".pem")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(certificate.strip() + b"\n" + key)
        context.load_cert_chain(name)
    except (ssl.SSLError, OSError) as error:
        raise ClusterError(f"the client certificate cannot be used: {error}") from None
    finally:
        Path(name).unlink()

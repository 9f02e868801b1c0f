"""How etcd and kube-apiserver are told to run: private, throw-away, with a real cluster's admission.

Invariant: secrets stand in files of the folder, never on a command line, which every user of a machine can read.
"""

from __future__ import annotations

import base64
import secrets
from pathlib import Path

from bot.adapters.cluster.binaries import Binaries

ADDRESS = "127.0.0.1"
TOKENS = "tokens.csv"
ACCOUNTS = "accounts.key"
_ORDER_OF_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def etcd(binaries: Binaries, folder: Path) -> list[str]:
    """Listens on a socket in the folder; the addresses are names that nobody calls."""
    return [
        str(binaries.etcd),
        f"--data-dir={folder / 'etcd'}",
        "--listen-client-urls=unix://etcd.sock",
        "--advertise-client-urls=http://127.0.0.1:2379",
        "--listen-peer-urls=unix://peer.sock",
        "--initial-advertise-peer-urls=http://127.0.0.1:2380",
        "--initial-cluster=default=http://127.0.0.1:2380",
        "--unsafe-no-fsync",
        "--log-level=warn",
    ]


def apiserver(binaries: Binaries, folder: Path, port: int) -> list[str]:
    """Both families of service addresses; service accounts are not looked up, as nobody makes them."""
    return [
        str(binaries.apiserver),
        "--etcd-servers=unix://etcd.sock",
        f"--bind-address={ADDRESS}",
        f"--secure-port={port}",
        # Works without a network, too: no address is looked for, and nobody looks for this server's.
        f"--advertise-address={ADDRESS}",
        "--endpoint-reconciler-type=none",
        f"--cert-dir={folder}",
        "--service-cluster-ip-range=10.96.0.0/12,fd00:10:96::/108",
        "--authorization-mode=RBAC",
        "--anonymous-auth=false",
        f"--token-auth-file={folder / TOKENS}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={folder / ACCOUNTS}",
        f"--service-account-signing-key-file={folder / ACCOUNTS}",
        "--allow-privileged",
        "--disable-admission-plugins=ServiceAccount",
        "--profiling=false",
    ]


def private_key() -> str:
    """A P-256 key for service account tokens, as SEC 1 writes it; the public half follows from it."""
    scalar = (secrets.randbelow(_ORDER_OF_P256 - 1) + 1).to_bytes(32, "big")
    der = b"\x30\x31\x02\x01\x01\x04\x20" + scalar + b"\xa0\x0a\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"
    return f"-----BEGIN EC PRIVATE KEY-----\n{base64.b64encode(der).decode()}\n-----END EC PRIVATE KEY-----\n"

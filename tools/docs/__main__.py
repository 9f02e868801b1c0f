"""Write every page anew, and remove those of policies that are gone."""

from __future__ import annotations

from bot.policy import load
from tools.docs.pages import ROOT, pages, stale

if __name__ == "__main__":
    policies = load()
    for path in stale(policies):
        path.unlink()
    for name, text in pages(policies).items():
        (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / name).write_bytes(text.encode())

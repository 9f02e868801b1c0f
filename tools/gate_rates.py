"""Measure how often fixes of each policy pass the gates, and write the table of bot/rank/gates.py.

    python tools/gate_rates.py ../shared/corpus

Gates are those without an API server, over every policy and every file of a folder.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

from bot.cli.session import Request, Session
from bot.settings import Options

TARGET = Path(__file__).resolve().parents[1] / "bot" / "rank" / "gates.py"
LEAST = 5
"""Fixes that have to be there to say anything of a policy."""


def main(folder: str) -> None:
    """Count, and rewrite the table."""
    report = Session(Request((folder,), options=Options(select=("all",)))).scan(verify=True)
    proposed = Counter(each.fix.findings[0].policy_id for each in report.verifications)
    passed = Counter(each.fix.findings[0].policy_id for each in report.verifications if each.passed)
    rows = [
        f'    "{policy_id}": ({passed[policy_id]}, {count}),\n'
        for policy_id, count in sorted(proposed.items())
        if count >= LEAST and passed[policy_id] < count
    ]
    text = TARGET.read_text(encoding="utf-8")
    table = f"MEASURED: dict[str, tuple[int, int]] = {{\n{''.join(rows)}}}\n"
    TARGET.write_text(re.sub(r"MEASURED: .*?\{.*?\}\n", lambda _: table, text, count=1, flags=re.DOTALL), "utf-8")
    print(f"{sum(passed.values()):,} of {sum(proposed.values()):,} fixes pass; {len(rows)} policies are below 1")


if __name__ == "__main__":
    main(sys.argv[1])

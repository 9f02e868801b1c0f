"""The variables that servers and container engines get: those they need, no other.

A workflow's environment holds tokens, under names that anybody may choose. So what is passed on is listed, not what is
kept back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_PASSED_ON = re.compile(
    r"PATH|HOME|USER|LOGNAME|HOSTNAME|LANG|LC_\w+|TZ|TMPDIR|RUNNER_TEMP"
    r"|DOCKER_\w+|CONTAINER_\w+|CONTAINERS_\w+|KIND_\w+|XDG_\w+|DBUS_SESSION_BUS_ADDRESS"
    r"|SSL_CERT_\w+|(?:HTTPS?|NO|ALL)_PROXY|GOMAXPROCS|GOMEMLIMIT",
    re.IGNORECASE,
)
_SECRET = re.compile(r"TOKEN|SECRET|PASSWORD|CREDENTIAL", re.IGNORECASE)


def without_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """What of `environ` a program of another's may see."""
    return {name: text for name, text in environ.items() if _PASSED_ON.fullmatch(name) and not _SECRET.search(name)}

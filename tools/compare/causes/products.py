"""Products that are recognised by their names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tools.compare.cause import OURS, THEIRS, Cause, Right, ckv
from tools.compare.reading import at, container, image, items

CAUSES: Sequence[Cause] = (
    # Products.
    Cause(
        "beside-the-dashboard",
        THEIRS,
        Right.OURS,
        "The scraper of metrics comes from the same makers and is not the Dashboard.",
        lambda case: "metrics-scraper" in image(case),
        ckv(33),
    ),
    Cause(
        "tiller-in-the-name",
        THEIRS,
        Right.OURS,
        "Checkov asks whether the image contains the word; this is another program.",
        lambda case: not re.search(r"(^|/)tiller([:@]|$)", image(case)),
        ckv(34, 45),
    ),
    Cause(
        "the-account-itself",
        THEIRS,
        Right.BOTH,
        "Checkov looks at the ServiceAccount called default, which service-account-automount-enabled reports; "
        "default-service-account-used reports the pods that run under it.",
        lambda case: case.kind == "ServiceAccount",
        ckv(41),
    ),
    Cause(
        "other-injection",
        OURS,
        Right.OURS,
        "Commands that git-sync runs for a hook are injected as well as those of GITSYNC_GIT, the one Checkov knows.",
        lambda case: not any(at(each, "name") == "GITSYNC_GIT" for each in items(container(case, "env"))),
        ckv(159),
    ),
    Cause(
        "any-snippet",
        OURS,
        Right.OURS,
        "Three checks of Checkov are one policy of ours: any snippet is reported, with alias or Lua in it or without.",
        lambda case: case.kind == "Ingress",
        ckv(152, 154),
    ),
)

"""Run by Checkov's own Python, not by ours: what Checkov says of every folder in a folder.

    python witness.py FOLDER CHECK ...

Each folder is looked at by itself, as if the others were not there: some of Checkov's checks ask for other objects.
What is printed is JSON. `said`: folder -> file -> object as Checkov names it -> check -> verdicts, one for each object
of that name, in the order of the file; a verdict is "passed", "skipped" (by an annotation), "failed", or "failed" with
the pointer of the container that failed first. `kinds`: check -> the kinds that it looks at.
"""

import json
import logging
import os
import re
import sys
from pathlib import Path

# One process reads faster than many are started, and a line on every odd file helps nobody here.
os.environ["CHECKOV_PARALLELIZATION_TYPE"] = "none"
logging.disable(logging.CRITICAL)

CONTAINER = re.compile(r"(?P<at>(?:\w+/)*)(?P<list>containers|initContainers)/\[(?P<place>\d+)\]/")


def answers(folder, checks):
    """What Checkov says of the files of one folder."""
    from checkov.kubernetes.runner import Runner
    from checkov.runner_filter import RunnerFilter

    runner = Runner()
    report = runner.run(root_folder=str(folder), runner_filter=RunnerFilter(checks=checks, show_progress_bar=False))
    said = {}
    for verdict in ("failed", "passed", "skipped"):
        for record in getattr(report, f"{verdict}_checks"):
            file = record.file_path.lstrip("/")
            named = said.setdefault(file, {}).setdefault(owner(runner, folder, record), {})
            named.setdefault(record.check_id, []).append(verdict + place(record) if verdict == "failed" else verdict)
    return said


def owner(runner, folder, record):
    """The object of the file that a record is about: pods that Checkov made of workloads count as the workload."""
    named = runner.context.get(record.file_abs_path) or runner.context[str(folder / record.file_path.lstrip("/"))]
    if record.resource in named:
        return record.resource
    return next(name for name, each in named.items() if each["start_line"] == record.file_line_range[0])


def place(record):
    """The pointer of the container that a record is about; empty when it says none."""
    for key in record.check_result.get("evaluated_keys") or ():
        found = CONTAINER.match(str(key))
        if found:
            return f" /{found['at']}{found['list']}/{found['place']}"
    return ""


def kinds(checks):
    """The kinds that each check looks at; those of relations between objects start from bindings, or from pods."""
    from checkov.kubernetes.checks.resource.registry import registry
    from checkov.kubernetes.kubernetes_utils import SUPPORTED_POD_CONTAINERS_TYPES

    bindings, pods = {"ClusterRoleBinding", "RoleBinding"}, {"Pod", *SUPPORTED_POD_CONTAINERS_TYPES}
    found = {check: pods if check == "CKV2_K8S_6" else bindings for check in checks if check.startswith("CKV2_")}
    for kind, looking in registry.checks.items():
        for check in looking:
            if check.id in checks:
                found.setdefault(check.id, set()).add(kind)
    return {check: sorted(found.get(check, [])) for check in checks}


if __name__ == "__main__":
    top, wanted = Path(sys.argv[1]), sys.argv[2:]
    said = {each.name: answers(each, wanted) for each in sorted(top.iterdir())}
    json.dump({"kinds": kinds(wanted), "said": said}, sys.stdout)

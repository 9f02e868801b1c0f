"""Settings: what the file may say, what is refused and how, and who beats whom."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import asdict, fields
from pathlib import Path

import jsonschema_rs
import pytest

import bot.settings
from bot.errors import SettingsError
from bot.manifest import read
from bot.model import Severity
from bot.policy import load as load_policies
from bot.rank import Weights
from bot.settings import FILE_NAME, Options, PolicySettings, Settings, file, load, repository_root, values
from bot.settings.load import find
from bot.settings.model import CLUSTERS, ENGINE_WORDS, PROFILES
from bot.settings.scheduler import KEYS, LARGEST_WEIGHT, WEIGHTS, SchedulerSettings

SCHEMA = json.loads((Path(bot.settings.__file__).parent / "settings.schema.json").read_text(encoding="utf-8"))
DIGEST = "sha256:" + "0123456789abcdef" * 4


def parsed(text: str) -> Settings:
    return file.parse("s.yaml", text)


ACCEPTED = [
    ("", Settings()),
    ("engines: auto", Settings(engines=("auto",))),
    ("engines: required", Settings(engines=("required",))),
    ("engines: none", Settings(engines=("none",))),
    ("engines: [kube-linter, kyverno, required, kyverno]", Settings(engines=("kube-linter", "kyverno", "required"))),
    ("engines: []", Settings()),
    ("engines:", Settings()),
    ("kyverno: {policies: deploy/policies}", Settings(kyverno_policies=("deploy/policies",))),
    ("kyverno: {policies: [a, b/c.yaml, ..d]}", Settings(kyverno_policies=("a", "b/c.yaml", "..d"))),
    ("kyverno: {policies: }", Settings()),
    ("kyverno:", Settings()),
    ("# nothing but a comment\n", Settings()),
    ("\ufeff---\nseed: 3\n---\n", Settings(seed=3)),
    ("select: [host-pid, cis, all]", Settings(select=("host-pid", "cis", "all"))),
    ("select: [host-pid, host-pid]", Settings(select=("host-pid",))),
    ("select:\n#  - host-pid\n", Settings()),
    ("ignore: []", Settings()),
    (
        "ignore: [CKV_K8S_17, 'kube-linter:host-pid', K8S_REMOVED_1.22]",
        Settings(ignore=("CKV_K8S_17", "kube-linter:host-pid", "K8S_REMOVED_1.22")),
    ),
    ("profile: restricted", Settings(select=("restricted",))),
    ("scheduler: {}", Settings()),
    ("scheduler: {weights: , trivy: , enabled: }", Settings()),
    ("scheduler: {enabled: false}", Settings(scheduler=SchedulerSettings(enabled=False))),
    (
        "scheduler: {weights: {explore: 0, alpha: 0.001, kev: 1e3}}",
        Settings(scheduler=SchedulerSettings(weights={"explore": 0.0, "alpha": 0.001, "kev": 1000.0})),
    ),
    (
        "scheduler: {history: /var/h.jsonl, epss: e.csv, kev: k.json, trivy: [a.json, b.json]}",
        Settings(scheduler=SchedulerSettings(True, {}, "/var/h.jsonl", "e.csv", "k.json", ("a.json", "b.json"))),
    ),
    ("select: [host-pid]\nprofile: nsa", Settings(select=("nsa", "host-pid"))),
    ("ignore:\n- probes-2\n", Settings(ignore=("probes-2",))),
    ("exclude: [charts/, '!charts/x.yaml', '*.tmp.yml']", Settings(exclude=("charts/", "!charts/x.yaml", "*.tmp.yml"))),
    (
        "recommendations: [reports/krr.json, ./reports//krr.json, goldilocks.json]",
        Settings(recommendations=("reports/krr.json", "goldilocks.json")),
    ),
    ("recommendations:", Settings()),
    ("policies: {a: {severity: low}}", Settings(policies={"a": PolicySettings(Severity.LOW)})),
    (
        "policies: {a: {severity: critical, enabled: off}}",
        Settings(policies={"a": PolicySettings(Severity.CRITICAL, False)}),
    ),
    ("policies: {a: {enabled: yes}}", Settings(policies={"a": PolicySettings(enabled=True)})),
    ("policies: {a: }", Settings()),
    ('kubernetes-version: "1.36"', Settings(oldest="1.36", newest="1.36")),
    ("kubernetes-version: 1.30", Settings(oldest="1.30", newest="1.30")),
    ('kubernetes-version: {oldest: "1.34", newest: 1.40}', Settings(oldest="1.34", newest="1.40")),
    ("kubernetes-version: {newest: '1.9'}", Settings(newest="1.9")),
    (
        "values: {cpu-request: 250m, memory-request: 1Gi}",
        Settings(values={"cpu-request": "250m", "memory-request": "1Gi"}),
    ),
    (
        "values: {cpu-limit: 0.50, memory-limit: 1000000}",
        Settings(values={"cpu-limit": "0.50", "memory-limit": "1000000"}),
    ),
    ("values: {cpu-request: 1, cpu-limit: 1000m}", Settings(values={"cpu-request": "1", "cpu-limit": "1000m"})),
    ("values: {memory-limit: 1.5Gi}", Settings(values={"memory-limit": "1.5Gi"})),
    ("values: {images: {nginx: 1.20}}", Settings(values={"images": {"nginx": "1.20"}})),
    (
        f"values: {{images: {{'localhost:5000/a/b_c': {DIGEST}, quay.io/x: v1-alpine, old: }}}}",
        Settings(values={"images": {"localhost:5000/a/b_c": DIGEST, "quay.io/x": "v1-alpine"}}),
    ),
    (
        "values: {storage-request: 10Gi, ephemeral-storage-limit: 2Gi, empty-dir-size-limit: 500000000}",
        Settings(
            values={"storage-request": "10Gi", "ephemeral-storage-limit": "2Gi", "empty-dir-size-limit": "500000000"}
        ),
    ),
    (
        "values: {run-as-user: 10001, run-as-group: 1, fs-group: 2147483647, termination-grace-period: 120}",
        Settings(
            values={
                "run-as-user": 10001,
                "run-as-group": 1,
                "fs-group": 2147483647,
                "termination-grace-period": 120,
            }
        ),
    ),
    (
        "values: {pre-stop-seconds: 5, service-port-min: 80, service-port-max: 80}",
        Settings(
            values={
                "pre-stop-seconds": 5,
                "service-port-min": 80,
                "service-port-max": 80,
            }
        ),
    ),
    (
        "values: {priority-class: shop, storage-class: fast.ssd, ingress-class: nginx-2, runtime-class: gvisor}",
        Settings(
            values={
                "priority-class": "shop",
                "storage-class": "fast.ssd",
                "ingress-class": "nginx-2",
                "runtime-class": "gvisor",
            }
        ),
    ),
    (
        "values: {internal-load-balancer: {annotation: a.example.com/internal, value: 'true'}}",
        Settings(values={"internal-load-balancer": {"annotation": "a.example.com/internal", "value": "true"}}),
    ),
    (
        "values: {registries: [docker.io/library, 'localhost:5000', ghcr.io/shop/web_1]}",
        Settings(values={"registries": ["docker.io/library", "localhost:5000", "ghcr.io/shop/web_1"]}),
    ),
    (
        "values: {mirrors: {docker.io: registry.example.com/hub, quay.io: }, pull-secrets: {'localhost:5000': pull}}",
        Settings(
            values={"mirrors": {"docker.io": "registry.example.com/hub"}, "pull-secrets": {"localhost:5000": "pull"}}
        ),
    ),
    (
        "values: {required-labels: {app.kubernetes.io/part-of: shop_1.A, team: '', tier: }}",
        Settings(values={"required-labels": {"app.kubernetes.io/part-of": "shop_1.A", "team": "", "tier": ""}}),
    ),
    (
        "values: {disallowed-labels: [team, 'example.com/*', '!example.com/a', '*'], disallowed-annotations: []}",
        Settings(
            values={
                "disallowed-labels": ["team", "example.com/*", "!example.com/a", "*"],
                "disallowed-annotations": [],
            }
        ),
    ),
    (
        "values: {hpa-max-replicas: 20}",
        Settings(values={"hpa-max-replicas": 20}),
    ),
    (
        "values: {required-annotations: {example.com/contact: 'a@b, c', note: }}",
        Settings(values={"required-annotations": {"example.com/contact": "a@b, c", "note": ""}}),
    ),
    ("values: {fs-group: , mirrors: , registries: , priority-class: , storage-request: }", Settings()),
    ("rules: {enabled: false}", Settings(rules_enabled=False)),
    ("rules:", Settings()),
    ("seed: 0", Settings(seed=0)),
    ("proposer: {mode: rules}", Settings()),
    ("cluster: none", Settings()),
    ("cluster: kubeconfig", Settings(cluster="kubeconfig")),
    ("ignore: &a [host-pid]\nselect: *a", Settings(select=("host-pid",), ignore=("host-pid",))),
]

REFUSED = [
    ("engines: kubelinter", "engines is the text 'kubelinter'; did you mean 'kube-linter'"),
    (
        "engines: [kyverno, /bin/kyverno]",
        "an item of engines is the text '/bin/kyverno'; did you mean 'kyverno'? allowed: ",
    ),
    ("engines: kyverno=/bin/kyverno", "engines is the text 'kyverno=/bin/kyverno'"),
    ("engines: [none, kyverno]", "none goes with no other word"),
    ("engines: {kyverno: true}", "engines is a mapping"),
    ("kyverno: {policy: a}", "unknown key 'policy'"),
    ("kyverno: deploy", "kyverno is the text 'deploy'; it is a mapping with policies"),
    ("kyverno: {policies: {a: b}}", "it is a folder of Kyverno policies in the repository, or a list of them"),
    (
        "kyverno: {policies: /etc/policies}",
        "'/etc/policies' is outside of the repository; name it with --kyverno-policies",
    ),
    ("kyverno: {policies: [a, ../b]}", "'../b' is outside of the repository"),
    ("kyverno: {policies: 'https://example.com/p.yaml'}", "is outside of the repository"),
    ("kyverno: {policies: '~/p'}", "is outside of the repository"),
    ("selects: [a]", "s.yaml:1: unknown key 'selects'; did you mean 'select'?"),
    ("# c\nkubernets-version: '1.3'", "s.yaml:2: unknown key 'kubernets-version'; did you mean 'kubernetes-version'?"),
    ("severity: low", "s.yaml:1: unknown key 'severity'; allowed: profile, select, ignore, policies, "),
    ("policies:\n  a:\n    severty: low", "s.yaml:3: unknown key 'severty'; did you mean 'severity'?"),
    ("values:\n  memory-limits: 1Gi", "s.yaml:2: unknown key 'memory-limits'; did you mean 'memory-limit'?"),
    ("scheduler: {weight: {}}", "s.yaml:1: unknown key 'weight'; did you mean 'weights'?"),
    (
        "scheduler: []",
        "s.yaml:1: scheduler is a list; it is a mapping with enabled, weights, history, epss",
    ),
    ("scheduler:\n  weights: {kev: -1}", "s.yaml:2: kev is the number -1; it is a number from 0 to 1,000,000"),
    ("scheduler: {weights: {alpha: 1e7}}", "s.yaml:1: alpha is the number 10000000; it is a number from 0 to"),
    ("scheduler: {weights: {alpha: true}}", "s.yaml:1: alpha is the boolean true; it is a number from 0 to"),
    ("scheduler: {weights: {beta: 1}}", "s.yaml:1: unknown key 'beta'; "),
    ("scheduler: {history: 7}", "s.yaml:1: history is the number 7; it is the path of a file (in quotes: '7')"),
    ("scheduler: {epss: ' '}", "s.yaml:1: epss is an empty text; it is the path of a file"),
    ("scheduler: {trivy: a.json}", "s.yaml:1: trivy is the text 'a.json'; it is a list of reports, such as ["),
    ("scheduler: {trivy: [a.json, 7]}", "s.yaml:1: an item of trivy is the number 7; it is the path of a report"),
    ("rules: {enable: true}", "s.yaml:1: unknown key 'enable'; did you mean 'enabled'?"),
    ("kubernetes-version: {oldst: '1.3'}", "s.yaml:1: unknown key 'oldst'; did you mean 'oldest'?"),
    ("seed: 1\nselect: [a]\nseed: 2", "s.yaml:3: 'seed' is there twice; first in line 1"),
    ("policies:\n  a: {enabled: true}\n  a: {enabled: false}", "s.yaml:3: 'a' is there twice; first in line 2"),
    ("- select", "s.yaml:1: the settings file is a list; it is a mapping with profile, select, ignore, "),
    ("just text", "s.yaml:1: the settings file is the text 'just text'; it is a mapping with profile, select, "),
    ("seed: 1\n---\nseed: 2", "s.yaml:3: the settings file has 2 documents; it is one"),
    ("select: host-pid", "s.yaml:1: select is the text 'host-pid'; it is a list with ids of policies"),
    ("select: []", "s.yaml:1: select is an empty list; it names at least one policy"),
    ("select:\n- a\n- on", "s.yaml:3: an item of select is the boolean true; it is one of ids of policies, "),
    ("ignore: [yes]", "s.yaml:1: an item of ignore is the boolean true; "),
    (
        "ignore: [Host/PID]",
        "s.yaml:1: 'Host/PID' is no name of a policy; an id such as host-pid, or one of another tool",
    ),
    (
        "profile: strict",
        "s.yaml:1: profile is the text 'strict'; did you mean 'restricted'? allowed: default, baseline, ",
    ),
    ("ignore: ['']", "s.yaml:1: an item of ignore is an empty text; "),
    ("ignore: [[a]]", "s.yaml:1: an item of ignore is a list; "),
    ("exclude: charts/", "s.yaml:1: exclude is the text 'charts/'; it is a list of patterns"),
    ("values: {disallowed-labels: team}", "s.yaml:1: disallowed-labels is the text 'team'; it is a list of names"),
    (
        "values: {disallowed-annotations: ['a b']}",
        "s.yaml:1: an item of disallowed-annotations is the text 'a b'; it is",
    ),
    ("recommendations: krr.json", "s.yaml:1: recommendations is the text 'krr.json'; it is a list of files"),
    ("recommendations: [/tmp/krr.json]", "s.yaml:1: '/tmp/krr.json' is no file of the repository; it is a path from"),
    ("recommendations: [a/../../krr.json]", "s.yaml:1: 'a/../../krr.json' is no file of the repository; "),
    ("exclude: [1]", "s.yaml:1: an item of exclude is the number 1; it is a text (in quotes: '1')"),
    ("policies: [a]", "s.yaml:1: policies is a list; it is a mapping of policy ids"),
    ("policies: {a: off}", "s.yaml:1: a is the boolean false; it is a mapping with severity, enabled"),
    ("policies: {a b: {enabled: true}}", "s.yaml:1: 'a b' is no policy id; "),
    (
        "policies: {a: {severity: hihg}}",
        "s.yaml:1: severity is the text 'hihg'; did you mean 'high'? allowed: low, medium",
    ),
    ("policies: {a: {severity: 3}}", "s.yaml:1: severity is the number 3; allowed: low, medium, high, critical"),
    ("policies: {a: {enabled: 'no'}}", "s.yaml:1: enabled is the text 'no'; it is true or false"),
    ("policies: {a: {enabled: 1}}", "s.yaml:1: enabled is the number 1; it is true or false"),
    (
        "kubernetes-version: v1.36",
        "s.yaml:1: kubernetes-version is the text 'v1.36'; it is a minor version such as \"1.36\"",
    ),
    ("kubernetes-version: 1.36.2", "s.yaml:1: kubernetes-version is the text '1.36.2'; "),
    ("kubernetes-version: 2", "s.yaml:1: kubernetes-version is the number 2; "),
    ("kubernetes-version: [1.36]", "s.yaml:1: kubernetes-version is a list; "),
    ("kubernetes-version: {newest: true}", "s.yaml:1: newest is the boolean true; "),
    (
        "kubernetes-version:\n  oldest: '1.36'\n  newest: '1.9'",
        "s.yaml:2: oldest is 1.36 and newest is 1.9; oldest is not above newest",
    ),
    ("values: 512Mi", "s.yaml:1: values is the text '512Mi'; it is a mapping with cpu-request, "),
    ("values: {cpu-limit: 0}", "s.yaml:1: cpu-limit is the number 0; it is a quantity above zero"),
    ("values: {cpu-limit: 0.0m}", "s.yaml:1: cpu-limit is the text '0.0m'; "),
    ("values: {cpu-limit: -1}", "s.yaml:1: cpu-limit is the number -1; "),
    ("values: {cpu-limit: two}", "s.yaml:1: cpu-limit is the text 'two'; "),
    ("values: {cpu-limit: no}", "s.yaml:1: cpu-limit is the boolean false; it is a quantity above zero"),
    ("values: {cpu-limit: [1]}", "s.yaml:1: cpu-limit is a list; "),
    ("values: {cpu-limit: 010}", "s.yaml:1: cpu-limit is the number 8; it is a quantity above zero such as 250m or"),
    ("values: {memory-limit: 1e3}", "(in quotes: '1e3')"),
    ("values: {memory-limit: 512m}", "s.yaml:1: memory-limit is the text '512m'; it is a whole quantity of bytes"),
    ("values: {memory-limit: 512 Mi}", "s.yaml:1: memory-limit is the text '512 Mi'; "),
    ("values: {memory-limit: 0.5}", "s.yaml:1: memory-limit is the number 0.5; "),
    ("values: {memory-limit: 1GB}", "s.yaml:1: memory-limit is the text '1GB'; "),
    (
        "values:\n  memory-request: 2Gi\n  memory-limit: 2G",
        "s.yaml:2: memory-request is above memory-limit; Kubernetes refuses",
    ),
    ("values: {images: [nginx]}", "s.yaml:1: images is a list; it is a mapping of repositories to tags"),
    ("values:\n  images:\n    nginx:1.27: x", "s.yaml:3: 'nginx:1.27' is no repository; the image without tag"),
    ("values: {images: {nginx: latest}}", "s.yaml:1: nginx is the text 'latest'; it is a tag other than latest"),
    ("values: {images: {nginx: 'a b'}}", "s.yaml:1: nginx is the text 'a b'; "),
    ("values: {images: {nginx: on}}", "s.yaml:1: nginx is the boolean true; it is a tag"),
    ("values: {images: {nginx: 'sha256:abc'}}", "s.yaml:1: nginx is the text 'sha256:abc'; "),
    ("values: {storage-request: 0}", "s.yaml:1: storage-request is the number 0; it is a whole quantity of bytes"),
    ("values: {empty-dir-size-limit: 1GB}", "s.yaml:1: empty-dir-size-limit is the text '1GB'; "),
    ("values:\n  run-as-user: 0", "s.yaml:2: run-as-user is the number 0; it is a whole number from 1 to 2147483647"),
    ("values: {run-as-user: '10001'}", "s.yaml:1: run-as-user is the text '10001'; it is a whole number from 1"),
    ("values: {run-as-group: -1}", "s.yaml:1: run-as-group is the number -1; "),
    ("values: {fs-group: true}", "s.yaml:1: fs-group is the boolean true; "),
    ("values: {fs-group: 2147483648}", "s.yaml:1: fs-group is the number 2147483648; "),
    ("values: {pre-stop-seconds: 5s}", "s.yaml:1: pre-stop-seconds is the text '5s'; it is a whole number from 1 to"),
    ("values: {termination-grace-period: 1.5}", "s.yaml:1: termination-grace-period is the number 1.5; "),
    ("values: {service-port-max: 65536}", "service-port-max is the number 65536; it is a whole number from 1 to 65535"),
    (
        "values:\n  service-port-max: 80\n  service-port-min: 443",
        "s.yaml:3: service-port-min is above service-port-max; no port is in that range",
    ),
    ("values: {priority-class: High}", "s.yaml:1: priority-class is the text 'High'; it is the name of an object: "),
    ("values: {storage-class: ''}", "s.yaml:1: storage-class is an empty text; it is the name of an object: "),
    ("values: {ingress-class: 1}", "s.yaml:1: ingress-class is the number 1; it is the name of an object: "),
    ("values: {runtime-class: -a}", "s.yaml:1: runtime-class is the text '-a'; "),
    ("values: {runtime-class: " + "a" * 254 + "}", "s.yaml:1: runtime-class is the text 'aaa"),
    ("values: {internal-load-balancer: internal}", "is the text 'internal'; it is a mapping with annotation, value"),
    (
        "values:\n  internal-load-balancer:\n    annotation: a/internal",
        "s.yaml:3: internal-load-balancer has no value; it is {annotation: NAME, value: TEXT}",
    ),
    (
        "values: {internal-load-balancer: {annotation: a/internal, value: true}}",
        "s.yaml:1: value is the boolean true; it is a text (in quotes: 'true')",
    ),
    (
        "values: {internal-load-balancer: {annotation: 'a/b/c', value: 'true'}}",
        "s.yaml:1: annotation is the text 'a/b/c'; it is the name of an annotation: letters, ",
    ),
    ("values: {internal-load-balancer: {annotation: a, valeu: b}}", "s.yaml:1: unknown key 'valeu'; did you mean"),
    ("values: {registries: ghcr.io}", "s.yaml:1: registries is the text 'ghcr.io'; it is a list of registries, such"),
    ("values: {registries: []}", "s.yaml:1: registries is an empty list; it names at least one; leave it out to allow"),
    (
        "values:\n  registries:\n  - ghcr.io\n  - https://quay.io",
        "s.yaml:4: an item of registries is the text 'https://quay.io'; it is a registry or a folder of one, without ",
    ),
    ("values: {registries: [ghcr.io/]}", "s.yaml:1: an item of registries is the text 'ghcr.io/'; "),
    ("values: {mirrors: [a]}", "s.yaml:1: mirrors is a list; it is a mapping of registries to mirrors, such as "),
    ("values: {mirrors: {docker.io/library: a}}", "s.yaml:1: 'docker.io/library' is no registry; a host, with its "),
    ("values: {mirrors: {docker.io: a/}}", "s.yaml:1: docker.io is the text 'a/'; it is a registry or a folder of "),
    ("values: {pull-secrets: {docker.io: Pull}}", "s.yaml:1: docker.io is the text 'Pull'; it is the name of an "),
    ("values: {pull-secrets: pull}", "s.yaml:1: pull-secrets is the text 'pull'; it is a mapping of registries to "),
    ("values: {required-labels: [team]}", "s.yaml:1: required-labels is a list; it is a mapping of labels to values"),
    ("values: {required-labels: {-team: a}}", "s.yaml:1: '-team' is no label; letters, digits, dashes, "),
    ("values: {required-labels: {team: 1}}", "s.yaml:1: team is the number 1; it is at most 63 letters"),
    ("values: {required-labels: {team: a b}}", "s.yaml:1: team is the text 'a b'; it is at most 63 letters"),
    ("values: {required-labels: {team: " + "a" * 64 + "}}", "s.yaml:1: team is the text 'aaaa"),
    ("values: {required-annotations: {a/b/c: x}}", "s.yaml:1: 'a/b/c' is no annotation; letters, digits, "),
    ("values: {required-annotations: {note: off}}", "s.yaml:1: note is the boolean false; it is a text (in quotes: "),
    ("rules: on", "s.yaml:1: rules is the boolean true; it is a mapping with enabled"),
    (
        "proposer:\n  mode: vllm",
        "s.yaml:2: proposer.mode is the text 'vllm'; only rules is there for now; models as proposers come later",
    ),
    ("proposer: {mode: [rules]}", "s.yaml:1: proposer.mode is a list; only rules is there for now"),
    ("proposer: {model: x}", "s.yaml:1: unknown key 'model'; did you mean 'mode'?"),
    ("seed: -1", "s.yaml:1: seed is the number -1; it is a whole number from 0"),
    ("seed: 1.5", "s.yaml:1: seed is the number 1.5; "),
    ("seed: true", "s.yaml:1: seed is the boolean true; "),
    ("seed: '1'", "s.yaml:1: seed is the text '1'; "),
    ("cluster: Kind", "s.yaml:1: cluster is the text 'Kind'; did you mean 'kind'? allowed: auto, kind, embedded, "),
    ("cluster: no", "s.yaml:1: cluster is the boolean false; allowed: auto, kind, embedded, kubeconfig, none"),
    ("<<: {seed: 1}", "s.yaml:1: unknown key '<<'; "),
    ("seed: 1\nselect: [a", "s.yaml:2: while parsing a flow sequence, "),
    ("seed: 1\n\tselect: [a]", "s.yaml:2: indented with a tab; YAML allows spaces only"),
    ("seed: '1", "s.yaml:1: "),
    ("seed: \x00", "s.yaml:1: "),
    ("a: " + "[" * 10_000, "s.yaml:"),
]


@pytest.mark.parametrize(("text", "expected"), ACCEPTED, ids=[text[:40] for text, _ in ACCEPTED])
def test_accepted(text: str, expected: Settings) -> None:
    found = parsed(text)
    assert found.source == "s.yaml"
    for name in (
        "select",
        "ignore",
        "policies",
        "exclude",
        "oldest",
        "newest",
        "values",
        "recommendations",
        "rules_enabled",
        "seed",
        "cluster",
    ):
        assert getattr(found, name) == getattr(expected, name), name


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=[text[:40] for text, _ in REFUSED])
def test_refused_in_one_line(text: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parsed(text)
    said = str(caught.value)
    assert message in said
    assert "\n" not in said
    assert re.match(r"s\.yaml:\d+: \S", said)


# The schema

BEYOND_SCHEMA = (
    # An editor's JSON Schema sees values: neither keys twice, nor how a number is written, nor two values at once.
    "is there twice",
    "none goes with no other word",
    "is above",
    "is not above",
    "is the number 8",
    "(in quotes: '1e3')",
    "documents",
    "memory-limit is the number 0.5",
    "unknown key '<<'",
    "'a/../../krr.json'",
)


def schema_accepts(text: str) -> bool | None:
    manifest = read("s.yaml", text)
    if manifest.problem is not None:
        return None
    values = [document.value for document in manifest.documents if document.value is not None]
    return jsonschema_rs.is_valid(SCHEMA, values[0] if values else None)


@pytest.mark.parametrize("text", [text for text, _ in ACCEPTED])
def test_schema_accepts_what_is_accepted(text: str) -> None:
    assert schema_accepts(text) is True


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=[text[:40] for text, _ in REFUSED])
def test_schema_refuses_what_is_refused(text: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parsed(text)
    beyond = any(word in str(caught.value) for word in BEYOND_SCHEMA)
    assert schema_accepts(text) in ((True, None) if beyond else (False, None))


def test_schema_has_the_same_keys_and_patterns() -> None:
    properties = SCHEMA["properties"]
    assert tuple(properties) == file.KEYS
    assert tuple(properties["values"]["properties"]) == values.VALUES
    one_policy = properties["policies"]["additionalProperties"]["properties"]
    assert set(one_policy["severity"]["enum"]) == {*map(str, Severity), None}
    assert properties["cluster"]["enum"] == [*CLUSTERS, None]
    assert properties["profile"]["enum"] == [*PROFILES, None]
    scheduler = properties["scheduler"]["properties"]
    assert tuple(scheduler) == KEYS
    assert tuple(scheduler["weights"]["properties"]) == WEIGHTS == tuple(each.name for each in fields(Weights))
    assert {key: each["default"] for key, each in scheduler["weights"]["properties"].items()} == asdict(Weights())
    assert SCHEMA["$defs"]["weight"]["maximum"] == LARGEST_WEIGHT
    definitions = SCHEMA["$defs"]
    assert set(definitions["engine"]["enum"]) == set(ENGINE_WORDS)
    ours = properties["values"]["properties"]
    for key, limits in values.WHOLE.items():
        assert (ours[key]["minimum"], ours[key]["maximum"]) == limits
    images = ours["images"]
    for pattern, found in (
        (file.NAME, definitions["name"]["pattern"]),
        (file.SELECTABLE, definitions["selectable"]["pattern"]),
        (file.MINOR, definitions["minor"]["anyOf"][0]["pattern"]),
        (values.CPU, definitions["cpu"]["anyOf"][0]["pattern"]),
        (values.MEMORY, definitions["memory"]["anyOf"][0]["pattern"]),
        (values.REPOSITORY, images["propertyNames"]["pattern"]),
        (values.TAG, images["additionalProperties"]["anyOf"][0]["pattern"]),
        (values.OBJECT, definitions["object"]["pattern"]),
        (values.REGISTRY, definitions["registry"]["pattern"]),
        (values.FOLDER, definitions["folder"]["pattern"]),
        (values.LABEL, definitions["label"]["pattern"]),
        (values.LISTED, definitions["listed"]["pattern"]),
        (values.LABEL_VALUE, ours["required-labels"]["additionalProperties"]["pattern"]),
    ):
        assert found == f"^(?:{pattern})$"


def every_key(schema: dict[str, object]) -> set[str]:
    found: set[str] = set()
    pending: list[object] = [schema]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            properties = node.get("properties")
            found |= set(properties) if isinstance(properties, dict) else set()
            pending += node.values()
        elif isinstance(node, list):
            pending += node
    return found


def test_every_key_of_the_schema_is_in_an_example_that_is_accepted() -> None:
    accepted = "\n".join(text for text, _ in ACCEPTED)
    assert {key for key in every_key(SCHEMA) if f"{key}:" not in accepted} == set()


# What policies read

READ = re.compile(r"""values(?:\[\??"([a-z-]+)"\]|\.\??([a-z]+)\b(?!\())""")
READ_IN_CODE = re.compile(r"""(?:\bvalues\.get\(|\bmissing\(context, )"([a-z-]+)\"""")


def test_every_value_that_a_policy_reads_can_be_set() -> None:
    root = Path(bot.settings.__file__).parents[1]
    read_by: dict[str, str] = {}
    for policy in load_policies():
        text, _, _ = Path(policy.source).read_text(encoding="utf-8").partition("\nexamples:")
        for hit in READ.finditer(text.partition("\ncheck:")[2]):
            read_by[hit[1] or hit[2]] = policy.id
    for path in (root / "detect" / "functions").glob("*.py"):
        read_by |= dict.fromkeys(READ_IN_CODE.findall(path.read_text(encoding="utf-8")), path.name)
    assert set(read_by) == set(values.VALUES)


def test_the_values_of_examples_can_be_set() -> None:
    for policy in load_policies():
        for example in policy.examples:
            for key, value in (example.values or {}).items():
                assert parsed(json.dumps({"values": {key: value}})).values == {key: value}, (policy.id, example.name)


def test_every_value_is_documented() -> None:
    text = (Path(bot.settings.__file__).parents[2] / "docs" / "policy-format.md").read_text(encoding="utf-8")
    table = text.partition("\n## values\n")[2].partition("\n## ")[0]
    rows = [line.partition(" | ")[0] for line in table.splitlines() if line.startswith("| `")]
    assert {key for row in rows for key in re.findall("`([a-z-]+)`", row)} == set(values.VALUES)


# Which policies are on


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("", ["calm"]),
        ("select: [all]", ["calm", "noisy", "other"]),
        ("select: [default]", ["calm"]),
        ("select: [noisy]", ["noisy"]),
        ("select: [default, noisy]", ["calm", "noisy"]),
        ("select: [cis]", ["noisy"]),
        ("select: [rbac]", ["other"]),
        ("ignore: [calm]", []),
        ("ignore: [pod-security]", []),
        ("select: [all]\nignore: [default]", ["noisy", "other"]),
        ("select: [all]\nignore: [cis, rbac]", ["calm"]),
        ("select: [all, noisy]\nignore: [cis]", ["calm", "noisy", "other"]),
        ("select: [noisy]\nignore: [noisy]", []),
        ("select: [cis]\nignore: [pod-security]", []),
        ("policies: {noisy: {enabled: true}}", ["calm", "noisy"]),
        ("policies: {calm: {enabled: false}}", []),
        ("select: [calm]\npolicies: {calm: {enabled: false}}", []),
        ("policies: {calm: {severity: low}}", ["calm"]),
    ],
)
def test_which_policies_are_on(text: str, on: list[str]) -> None:
    assert enabled(parsed(text)) == on


def enabled(settings: Settings) -> list[str]:
    policies = {
        "calm": ("pod-security", ("baseline",), True),
        "noisy": ("pod-security", ("cis",), False),
        "other": ("rbac", (), False),
    }
    return [
        name
        for name, (category, profiles, default) in policies.items()
        if settings.closeness(name, category=category, profiles=profiles, default=default)
    ]


def test_closeness() -> None:
    settings = parsed(
        "select: [all, rbac, noisy]\nignore: [b]\npolicies: {calm: {enabled: true}, gone: {enabled: false}}"
    )
    found = [
        settings.closeness(name, category=category, profiles=("cis",), default=True)
        for name, category in (
            ("a", "x"),
            ("a", "rbac"),
            ("noisy", "rbac"),
            ("calm", "x"),
            ("gone", "rbac"),
            ("b", "x"),
        )
    ]
    assert found == [1, 2, 3, 4, 0, 0]


def test_severities() -> None:
    assert parsed("policies: {a: {severity: low}, b: {enabled: true}}").severities == {"a": Severity.LOW}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("policies:\n  a: {}\n  cis: {enabled: true}", "s.yaml:3: unknown policy 'cis'; `k8s-auto-fix policies` lists"),
        ("policies:\n  host-pidd: {enabled: true}", "s.yaml:2: unknown policy 'host-pidd'; did you mean 'host-pid'?"),
        ("policies: {a: {enabled: true}}", None),
        ("select: [all, default, cis, a]", None),
    ],
)
def test_check_policies(text: str, message: str | None) -> None:
    settings = parsed(text)
    if message is None:
        settings.check_policies({"a", "b", "host-pid"})
        return
    with pytest.raises(SettingsError, match=re.escape(message)):
        settings.check_policies({"a", "b", "host-pid"})


# Where they come from


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "repository"
    (root / ".git").mkdir(parents=True)
    (root / "apps" / "shop").mkdir(parents=True)
    (root / "apps" / "shop" / "web.yaml").touch()
    monkeypatch.chdir(root)
    return root


def write(folder: Path, text: str, name: str = FILE_NAME) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_found_upwards_of_the_first_path(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(repository, "seed: 7")
    monkeypatch.chdir(repository.parent)
    for start in (
        "repository",
        "repository/apps/shop/web.yaml",
        "repository/apps/not-there.yaml",
        "repository/apps/..",
    ):
        settings = load([start, "elsewhere"], environ={})
        assert (settings.seed, settings.source) == (7, f"repository/{FILE_NAME}"), start
        assert settings.exclude_root == str(repository)
    assert load(["."], environ={}).source is None
    monkeypatch.chdir(repository / "apps")
    assert load([], environ={}).seed == load(["-"], environ={}).seed == 7
    assert load([], environ={}).source == str(repository / FILE_NAME)


def test_not_looked_for_beyond_the_repository(repository: Path) -> None:
    write(repository.parent, "seed: 7")
    assert find("apps") is None
    assert load(["apps"], environ={}) == Settings()


def test_the_nearest_file_counts_and_only_it(repository: Path) -> None:
    write(repository, "seed: 7\nignore: [a]")
    write(repository / "apps", "seed: 8")
    settings = load(["apps/shop"], environ={})
    assert (settings.seed, settings.ignore, settings.exclude_root) == (8, (), str(repository / "apps"))


def test_repository_root(repository: Path) -> None:
    assert repository_root("apps/shop/web.yaml") == repository
    (repository / "apps" / ".git").write_text("gitdir: ../elsewhere\n", encoding="utf-8")
    assert repository_root("apps/shop") == repository / "apps"
    assert repository_root("/") is None


def test_config_option_and_variable(repository: Path) -> None:
    write(repository, "seed: 7\nignore: [a]")
    write(repository / "apps", "exclude: [/x]", "team.yaml")
    settings = load(["apps"], Options(config="apps/team.yaml"), {})
    assert (settings.seed, settings.ignore, settings.source) == (0, (), "apps/team.yaml")
    assert (settings.exclude, settings.exclude_root) == (("/x",), str(repository))
    assert load([], environ={"K8S_AUTO_FIX_CONFIG": "apps/team.yaml"}) == load([], Options(config="apps/team.yaml"), {})
    both = load([], Options(config=FILE_NAME), {"K8S_AUTO_FIX_CONFIG": "apps/team.yaml"})
    assert both.seed == 7


def test_options_beat_environment_beats_file(repository: Path) -> None:
    write(
        repository,
        "select: [file]\nignore: [file]\nexclude: [file]\nseed: 1\nkubernetes-version: '1.31'\nvalues: {cpu-limit: 1}\n"
        "cluster: auto",
    )
    environ = {
        "K8S_AUTO_FIX_SELECT": "env, env-2\nenv-3",
        "K8S_AUTO_FIX_IGNORE": "env",
        "K8S_AUTO_FIX_EXCLUDE": "env",
        "K8S_AUTO_FIX_SEED": "2",
        "K8S_AUTO_FIX_KUBERNETES_VERSION": "1.32-1.33",
        "K8S_AUTO_FIX_CLUSTER": "embedded",
        "K8S_AUTO_FIX_CORPUS": "of the tests",
    }
    options = Options(
        select=("option,option-2", "option-3"),
        ignore=("option",),
        exclude=("option",),
        seed=3,
        kubernetes_version="1.34",
        cluster="kind",
    )

    def told(settings: Settings) -> tuple[object, ...]:
        names = ("select", "ignore", "exclude", "seed", "oldest", "newest", "values", "cluster")
        return tuple(getattr(settings, name) for name in names)

    said = {"cpu-limit": "1"}
    file_says = (("file",), ("file",), ("file",), 1, "1.31", "1.31", said, "auto")
    env_says = (("env", "env-2", "env-3"), ("env",), ("env",), 2, "1.32", "1.33", said, "embedded")
    option_says = (("option", "option-2", "option-3"), ("option",), ("option",), 3, "1.34", "1.34", said, "kind")
    assert told(load([], environ={})) == file_says
    assert told(load([], environ=environ)) == env_says
    assert told(load([], options, {})) == option_says
    assert told(load([], options, environ)) == option_says
    for name, text in environ.items():
        only_this = dict.fromkeys(environ, "") | {name: text}
        found = told(load([], environ=only_this))
        assert all(value in pair for value, pair in zip(found, zip(file_says, env_says, strict=True), strict=True)), (
            name
        )


def test_exclude_of_an_option_is_relative_to_the_current_folder(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(repository, "exclude: [a]")
    monkeypatch.chdir(repository / "apps")
    assert load(["shop"], Options(exclude=("b",)), {}).exclude_root == str(repository / "apps")
    assert load(["shop"], environ={}).exclude_root == str(repository)


@pytest.mark.parametrize(
    ("options", "on"),
    [
        (Options(select=("noisy",)), ["noisy"]),
        (Options(select=("calm",)), ["calm"]),
        (Options(select=("other", "calm")), ["calm", "other"]),
        (Options(select=("all",)), []),  # what the file ignores or switches off by its id stays so
        (Options(select=("pod-security",)), []),
        (Options(ignore=("noisy",)), ["other"]),
        (Options(ignore=("other",)), []),
    ],
)
def test_a_selection_from_outside_beats_the_switches_of_the_file(
    repository: Path, options: Options, on: list[str]
) -> None:
    write(repository, "ignore: [noisy, other]\npolicies: {calm: {enabled: false}, other: {enabled: true}}")
    assert enabled(load([], options, {})) == on


def test_where(repository: Path) -> None:
    write(repository, "select:\n- a\n- b\nkubernetes-version: '1.31'\npolicies:\n  c: {}\n")
    settings = load([], environ={})
    assert settings.where("select", "b") == f"{FILE_NAME}:3"
    assert settings.where("policies", "c") == f"{FILE_NAME}:6"
    assert settings.where("kubernetes-version") == f"{FILE_NAME}:4"
    assert load([], Options(select=("b",)), {}).where("select", "b") == "--select"
    variables = load([], environ={"K8S_AUTO_FIX_SELECT": "b", "K8S_AUTO_FIX_KUBERNETES_VERSION": "1.31"})
    assert variables.where("select", "b") == "K8S_AUTO_FIX_SELECT"
    assert variables.where("kubernetes-version") == "K8S_AUTO_FIX_KUBERNETES_VERSION"
    assert load([], Options(kubernetes_version="1.31"), {}).where("kubernetes-version") == "--kubernetes-version"


MEANINGS = {name: (name,) for name in ("a", "b", "cis", "all", "default")} | {"CKV_1": ("a",), "kics:both": ("a", "b")}


def meaning(name: str) -> tuple[str, ...] | str:
    return MEANINGS.get(name, f"{name} is nothing")


@pytest.mark.parametrize(
    ("text", "options", "environ", "select", "ignore"),
    [
        ("ignore: [CKV_1]", Options(), {}, ("default",), ("a",)),
        ("select: [b, kics:both]\nignore: [a]", Options(), {}, ("b", "a"), ("a",)),
        ("ignore: [CKV_1, b]", Options(select=("a",)), {}, ("a",), ("b",)),
        ("ignore: [a, b]", Options(select=("CKV_1",)), {}, ("a",), ("b",)),
        ("ignore: [a]", Options(ignore=("kics:both",)), {}, ("default",), ("a", "b")),
        ("", Options(), {"K8S_AUTO_FIX_SELECT": "CKV_1"}, ("a",), ()),
        ("profile: cis", Options(), {}, ("cis",), ()),
        ("profile: cis\nselect: [CKV_1]\nignore: [b]", Options(), {}, ("cis", "a"), ("b",)),
        ("profile: cis\nignore: [b]", Options(select=("a",)), {}, ("a",), ("b",)),
        ("profile: cis\nselect: [a]", Options(profile="all"), {}, ("all",), ()),
        ("ignore: [b]", Options(profile="all", select=("b",)), {}, ("all", "b"), ()),
        ("profile: cis", Options(), {"K8S_AUTO_FIX_PROFILE": "all"}, ("all",), ()),
        ("", Options(profile="cis"), {"K8S_AUTO_FIX_PROFILE": "all"}, ("cis",), ()),
    ],
)
def test_names_are_replaced_by_what_they_mean(
    repository: Path,
    text: str,
    options: Options,
    environ: dict[str, str],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
) -> None:
    write(repository, text)
    settings = load([], options, environ, meaning)
    assert (settings.select, settings.ignore) == (select, ignore)


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (
            "ignore:\n- a\n- CKV_2",
            Options(),
            ".k8s-auto-fix.yaml:3: CKV_2 is nothing; `k8s-auto-fix policies` lists them",
        ),
        ("", Options(ignore=("x",)), "--ignore: x is nothing; `k8s-auto-fix policies` lists them"),
        ("profile: hard", Options(), ".k8s-auto-fix.yaml:1: profile is the text 'hard'; allowed: default, baseline,"),
        ("", Options(profile="hard"), "--profile: 'hard'; it is one of default, baseline, restricted, cis, nsa,"),
    ],
)
def test_names_that_mean_nothing(repository: Path, text: str, options: Options, message: str) -> None:
    write(repository, text)
    with pytest.raises(SettingsError) as caught:
        load([], options, {}, meaning)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("options", "environ", "message"),
    [
        (Options(select=("A/b",)), {}, "--select: 'A/b' is no name of a policy; an id such as host-pid, or one of"),
        (Options(ignore=(",",)), {}, "--ignore: names nothing; it takes ids of policies"),
        (Options(kubernetes_version="1.9.3"), {}, "--kubernetes-version: '1.9.3'; it is a minor version such as"),
        (Options(kubernetes_version="1.9-1.8"), {}, "--kubernetes-version: '1.9-1.8'; it is "),
        (Options(cluster="kin"), {}, "--cluster: 'kin'; it is one of auto, kind, embedded, kubeconfig, none"),
        (Options(), {"K8S_AUTO_FIX_CLUSTER": "yes"}, "K8S_AUTO_FIX_CLUSTER: 'yes'; it is one of auto, kind, "),
        (Options(), {"K8S_AUTO_FIX_SEED": "x"}, "K8S_AUTO_FIX_SEED: 'x'; it is a whole number from 0"),
        (Options(), {"K8S_AUTO_FIX_SEED": "²"}, "K8S_AUTO_FIX_SEED: '²'; it is a whole number from 0"),
        (Options(), {"K8S_AUTO_FIX_IGNORE": "a b"}, "K8S_AUTO_FIX_IGNORE: 'a b' is no name of a policy; "),
        (Options(config="nope.yaml"), {}, "nope.yaml:1: cannot be read: No such file or directory"),
        (Options(config="apps"), {}, "apps:1: a folder; the settings are a YAML file"),
        (Options(config="/dev/null"), {}, "/dev/null:1: no regular file; the settings are a YAML file"),
    ],
)
def test_wrong_options(repository: Path, options: Options, environ: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load([], options, environ)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def not_utf_8(path: Path) -> None:
    path.write_bytes(b"seed: 1\n# caf\xe9\n")


def folder(path: Path) -> None:
    path.mkdir()


def too_large(path: Path) -> None:
    path.write_bytes(b"#" * 1_000_001)


def broken_link(path: Path) -> None:
    path.symlink_to("nowhere")


def pipe(path: Path) -> None:
    os.mkfifo(path)


def misnamed(path: Path) -> None:
    path.with_suffix(".yml").touch()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (not_utf_8, f"{FILE_NAME}:2: not UTF-8; save it as UTF-8 text"),
        (folder, f"{FILE_NAME}:1: a folder; the settings are a YAML file"),
        (too_large, f"{FILE_NAME}:1: 1,000,001 bytes; settings have at most 1,000,000"),
        (broken_link, f"{FILE_NAME}:1: cannot be read: No such file or directory"),
        (pipe, f"{FILE_NAME}:1: no regular file; the settings are a YAML file"),
        (misnamed, f".k8s-auto-fix.yml:1: not read under this name; rename it to {FILE_NAME}"),
    ],
)
def test_unreadable_files(repository: Path, make: Callable[[Path], None], message: str) -> None:
    make(repository / FILE_NAME)
    with pytest.raises(SettingsError) as caught:
        load(["apps"], environ={})
    assert str(caught.value) == message


def test_a_current_folder_that_is_gone(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = repository / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(bot.errors.InputError, match="current folder is gone"):
        load([], environ={})


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Settings().seed = 3  # type: ignore[misc]

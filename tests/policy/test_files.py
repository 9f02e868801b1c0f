"""Policy files: what is read, and what is refused with file, line, what is wrong and what is allowed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import PolicyError
from bot.model import Applicability, Severity
from bot.policy import Check, Example, FixTemplate, Match, OperationTemplate, Policy, Target, load
from bot.policy.files import check, parse
from tests.policy.material import POLICY, spoiled

PATH = "policies/container-hardening/privileged-container.yaml"


def test_a_whole_policy():
    assert parse(PATH, POLICY) == Policy(
        id="privileged-container",
        title="Container runs privileged",
        severity=Severity.CRITICAL,
        category="container-hardening",
        default=True,
        profiles=("baseline", "restricted"),
        description="A privileged container has every capability and all host devices.",
        remediation="Set securityContext.privileged to false.",
        references=("https://kubernetes.io/docs/concepts/security/pod-security-standards/",),
        match=Match(("workload",), Target.CONTAINER, each=None, os="linux"),
        check=Check(
            "container.?securityContext.?privileged.orValue(false) == false",
            None,
            "container ${container.name} runs privileged",
            "/securityContext/privileged",
        ),
        fixes=(
            FixTemplate(
                "Set privileged to false",
                Applicability.UNSAFE,
                "the workload may rely on host devices",
                'containerType != "ephemeral"',
                (OperationTemplate("replace", "/securityContext/privileged", False),),
            ),
        ),
        examples=(
            Example("explicit true", "apiVersion: v1\nkind: Pod\n", "apiVersion: v1\nkind: Pod  # mended\n"),
            Example("no securityContext", good="apiVersion: v1\nkind: Pod\n"),
        ),
        supersedes=("allow-privilege-escalation",),
        twins=(("checkov", "CKV_K8S_16"), ("trivy", "KSV-0017")),
        source=PATH,
    )


def test_what_may_be_left_out():
    text = """\
id: host-pid
title: Pod shares the process IDs of its node
severity: low
category: custom
description: It sees every process.
match: {kinds: [Service], target: object}
check: {function: host_pid}
"""
    policy = parse("host-pid.yaml", text)
    assert policy.default
    assert (policy.profiles, policy.references, policy.fixes, policy.examples) == ((), (), (), ())
    assert policy.check == Check(None, "host_pid", "", "")


def test_ids_of_other_policies():
    policy = parse(PATH, spoiled("supersedes: [allow-privilege-escalation]", "contradicts: [a, b-2]"))
    assert (policy.supersedes, policy.contradicts) == ((), ("a", "b-2"))


FIX = """\
  - title: Set privileged to false
    applicability: unsafe
    why: the workload may rely on host devices
    when: containerType != "ephemeral"
    patch:
      - {op: replace, path: /securityContext/privileged, value: false}
"""


def with_fix(text: str) -> str:
    return spoiled(FIX, text)


def with_operation(text: str) -> str:
    return spoiled("      - {op: replace, path: /securityContext/privileged, value: false}\n", f"      - {text}\n")


@pytest.mark.parametrize(
    ("text", "operation"),
    [
        ("{op: remove, path: ''}", OperationTemplate("remove", "")),
        (
            "{op: add, target: pod-spec, path: /volumes/-, value: {name: 'x-${container.name}', emptyDir: {}}}",
            OperationTemplate(
                "add", "/volumes/-", {"name": "x-${container.name}", "emptyDir": {}}, target=Target.POD_SPEC
            ),
        ),
        (
            "{op: move, from: '/ports/*/a', path: '/ports/*/b', when: item.a == 1}",
            OperationTemplate("move", "/ports/*/b", source="/ports/*/a", when="item.a == 1"),
        ),
        ("{op: test, path: /a, value: yes}", OperationTemplate("test", "/a", True)),
        (
            "{op: copy, from: /a, path: '/${container.name}'}",
            OperationTemplate("copy", "/${container.name}", source="/a"),
        ),
        (
            "{op: add, target: pod-metadata, path: /x, value: 0777}",
            OperationTemplate("add", "/x", 511, target=Target.POD_METADATA),
        ),
    ],
)
def test_operations(text, operation):
    source = with_operation(text)
    policy = parse(PATH, source)
    assert policy.fixes[0].operations == (operation,)
    check(policy, source)


def test_created_objects():
    created = "{apiVersion: v1, kind: X, metadata: {name: '${object.metadata.name}'}, spec: {from: /spec/selector}}"
    source = with_fix(f"  - title: Add it\n    applicability: safe\n    create: {created}\n")
    (fix,) = parse(PATH, source).fixes
    assert fix.applicability is Applicability.SAFE
    assert fix.create["spec"] == {"from": "/spec/selector"}
    check(parse(PATH, source), source)


FUNCTION = spoiled(
    "expression: container.?securityContext.?privileged.orValue(false) == false", "function: privileged"
).replace(FIX, "  - {title: Mend it, applicability: safe, patch: {from: function}}\n")


def test_patches_from_the_function():
    (fix,) = parse(PATH, FUNCTION).fixes
    assert fix.from_function
    assert fix.operations == ()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("{from: function}", "{from: elsewhere}", ":25: from is 'elsewhere'"),
        ("{from: function}", "{of: function}", ":25: unknown key 'of' in patch"),
        ("function: privileged", "expression: 'true'", ":25: a patch is from function and the check has none"),
        ("function: privileged", "function: Not One", ":21: 'Not One' is no function"),
    ],
)
def test_patches_from_no_function(old, new, message):
    with pytest.raises(PolicyError) as caught:
        parse(PATH, FUNCTION.replace(old, new))
    assert message in str(caught.value)


def test_given():
    source = spoiled("  - name: no securityContext\n", "  - name: x\n    given: {values: {a: 1}, kubernetes: '1.31'}\n")
    assert parse(PATH, source).examples[1] == replace(
        parse(PATH, POLICY).examples[1], name="x", values={"a": 1}, kubernetes="1.31"
    )


EACH = spoiled("  target: container\n", "  target: container\n  each: /env/*\n").replace(
    "${container.name}", "${key} ${item}"
)


def test_each_binds_item_and_key():
    policy = parse(PATH, EACH)
    assert policy.match.each == "/env/*"
    check(policy, EACH)


# (what is written instead, line, words of the message)
REFUSED = [
    ("severity: critical", "severty: critical", 3, "unknown key 'severty' in the policy, did you mean 'severity'?"),
    (
        "severity: critical",
        "severity: critcal",
        3,
        "severity is 'critcal', did you mean 'critical'?; allowed: low, medium",
    ),
    ("severity: critical", "severity: 7", 3, "severity is the number 7; allowed: low"),
    ("severity: critical\n", "", 1, "the policy has no severity; needed: id, title"),
    ("title: Container runs privileged", "title:", 1, "the policy has no title"),
    ("title: Container runs privileged", "title: '  '", 2, "title is an empty text; it is a text"),
    ("title: Container runs privileged", "title: 1.20", 2, "title is the number 1.2; it is a text (in quotes)"),
    ("title: Container", "title: x\ntitle: Container", 3, "title is there twice in the policy"),
    ("id: privileged-container", "id: privileged", 1, "the id is 'privileged' and the file is 'privileged-container'"),
    ("id: privileged-container", "id: Privileged_Container", 1, "'Privileged_Container' is no policy id; lower-case"),
    (
        "category: container-hardening",
        "category: hardening",
        4,
        "category is 'hardening', did you mean 'container-hardening'",
    ),
    ("default: true", "default: maybe", 5, "default is the text 'maybe'; it is true or false"),
    (
        "[baseline, restricted]",
        "[baseline, strict]",
        6,
        "profiles is 'strict', did you mean 'restricted'?; allowed: baseline",
    ),
    ("[baseline, restricted]", "[baseline, baseline]", 6, "'baseline' is there twice in profiles"),
    ("supersedes: [allow", "contradicts: [allow_", 12, "no policy id; lower-case words"),
    ("supersedes: [allow-privilege-escalation]", "contradicts: all", 12, "contradicts is the text 'all'; it is a list"),
    ("[baseline, restricted]", "baseline", 6, "profiles is the text 'baseline'; it is a list"),
    ("[https://kubernetes.io/docs/concepts/security/pod-security-standards/]", "[PSS]", 11, "'PSS' is no reference"),
    ("[allow-privilege-escalation]", "[Allow it]", 12, "'Allow it' is no policy id"),
    ("checkov: [CKV", "chekov: [CKV", 14, "unknown key 'chekov' in twins, did you mean 'checkov'?"),
    ("[KSV-0017]", "[17]", 15, "trivy is the number 17; it is a text (in quotes)"),
    (
        "kinds: [workload]",
        "kinds: [workloads]",
        17,
        "'workloads' names no kind, did you mean 'workload'?; allowed: workload,",
    ),
    ("kinds: [workload]", "kinds: []", 17, "kinds is an empty list"),
    ("kinds: [workload]", "kinds: [Pod, Service]", 17, "'Service' has no pod spec, and the target is container"),
    ("target: container", "target: pod-metadata", 18, "target is 'pod-metadata'"),
    ("target: container", "target: object", 19, "os goes with pods, and the target is object"),
    ("os: linux", "os: mac", 19, "os is 'mac'; allowed: linux, windows"),
    ("os: linux", "each: /env", 19, "each is '/env'; it is a path that ends with /*"),
    ("os: linux", "each: '/${key}/*'", 19, "each has a ${}; it is a plain path"),
    ("os: linux", "each: env/*", 19, "each: the path 'env/*' does not start with a slash"),
    ("expression: container.?securityContext.?privileged.orValue(false) == false", "# none", 22, "a check has either"),
    ("message: container", "function: f\n  message: container", 21, "a check has either an expression or a function"),
    ("  message: container ${container.name} runs privileged\n", "", 21, "the check has no message"),
    ("message: container ${container.name}", "message: container ${container.name", 22, "message: a ${ without its }"),
    ("message: container ${container.name}", "message: ${}", 22, "message: an empty ${}"),
    ("message: container ${container.name}", "message: ${'x}", 22, "message: a string without its closing quote"),
    ("at: /securityContext/privileged", "at: /env/*/name", 23, "at is '/env/*/name'; one place"),
    ("at: /securityContext/privileged", "at: /a~b", 23, "at: '~' is written ~0 in the path"),
    ("  - title: Set privileged to false\n    app", "  - app", 25, "fixes has no title"),
    (
        "applicability: unsafe",
        "applicability: sometimes",
        26,
        "applicability is 'sometimes'; allowed: display-only, unsafe",
    ),
    ("    why: the workload may rely on host devices\n", "", 25, "the fix is unsafe and has no why"),
    ("op: replace, path: /securityContext/privileged, value: false", "op: put, path: /a, value: 1", 30, "op is 'put'"),
    ("op: replace, path: /securityContext/privileged, value: false", "op: add, path: /a", 30, "add has no value"),
    (
        "op: replace, path: /securityContext/privileged, value: false",
        "op: add, path: a, value: 1",
        30,
        "path: the path 'a'",
    ),
    (
        "op: replace, path: /securityContext/privileged, value: false",
        "op: add, path: 1, value: 1",
        30,
        "path is the number 1",
    ),
    (
        "op: replace, path: /securityContext/privileged, value: false",
        "op: remove, path: /a, value: 1",
        30,
        "remove has a value",
    ),
    ("op: replace, path: /securityContext/privileged, value: false", "op: move, path: /a", 30, "move has no from"),
    (
        "op: replace, path: /securityContext/privileged, value: false",
        "op: move, path: /a, from: ''",
        30,
        "from is empty",
    ),
    (
        "op: replace, path: /securityContext/privileged, value: false",
        "op: copy, from: /a, path: /b/*",
        30,
        "path has more '*'",
    ),
    (
        "op: replace, path: /securityContext/privileged, value: false",
        "op: add, path: /a, value: '${'",
        30,
        "value: a ${ without",
    ),
    (
        "op: replace, path: /securityContext/privileged, value: false",
        "op: add, path: /a, value: {from: /b/*}",
        30,
        "a copy from",
    ),
    (
        "op: replace, path: /securityContext/privileged, value: false",
        "op: add, path: /a, value: {b: 1, b: 2}",
        30,
        "b is there twice",
    ),
    (
        "op: replace, path: /securityContext/privileged, value: false",
        "op: remove, target: pod, path: /a",
        30,
        "target is 'pod'",
    ),
    (
        "    patch:\n      - {op: replace, path: /securityContext/privileged, value: false}\n",
        "",
        25,
        "the fix does nothing",
    ),
    ("\n      - {op: replace, path: /securityContext/privileged, value: false}", " []", 29, "patch is an empty list"),
    (
        "\n      - {op: replace, path: /securityContext/privileged, value: false}",
        " remove",
        29,
        "patch is the text 'remove'",
    ),
    ("  - name: explicit true\n    bad", "  - bad", 32, "examples has no name"),
    ("    good: |", "    bad: |", 39, "the bad example says nothing about its fix"),
    ("    good: |", "    fixed: |", 39, "an example is either bad or good"),
    ("    good: |", "    unfixed: true\n    good: |", 39, "a good example has nothing to fix"),
    (
        "    good: |",
        "    given: {kubernetes: 1.31}\n    good: |",
        40,
        "kubernetes is the number 1.31; it is a text (in quotes)",
    ),
    ("    good: |", "    given: {kubernetes: '1.31.2'}\n    good: |", 40, "'1.31.2' is no version"),
    ("    good: |", "    given: {value: {}}\n    good: |", 40, "unknown key 'value' in given, did you mean 'values'?"),
    ("    good: |", "    given: {values: []}\n    good: |", 40, "values is a list; it is a mapping"),
    # expressions
    ("== false", "= false", 21, "expression: Syntax error"),
    ("orValue(false) == false", "orValue(false)", 21, "expression: its type is dyn, not bool"),
    (
        "container.?securityContext",
        "image.?securityContext",
        21,
        "undeclared reference to 'image'; the variables are object",
    ),
    ("target: container", "target: pod-spec", 21, "undeclared reference to 'container'"),
    ("${container.name}", "${url(container.name)}", 22, "message: url() is not available; allowed: has, size"),
    ("at: /securityContext/privileged", "at: /${item}", 23, "at: undeclared reference to 'item'"),
    ('when: containerType != "ephemeral"', "when: containerType", 28, "when: its type is string, not bool"),
    (
        "op: replace, path: /securityContext/privileged, value: false",
        "op: add, path: '/${x}', value: 1",
        30,
        "path: undeclared",
    ),
    (
        "op: replace, path: /securityContext/privileged, value: false",
        "op: add, path: /a, value: ['${x}']",
        30,
        "undeclared",
    ),
    (
        "op: replace, path: /securityContext/privileged, value: false",
        "op: move, from: '/${x}', path: /a",
        30,
        "from: undeclared",
    ),
    (
        "op: replace, path: /securityContext/privileged, value: false",
        "op: remove, path: /a, when: item.b == 1",
        30,
        "when: undecl",
    ),
]


@pytest.mark.parametrize(("old", "new", "line", "words"), REFUSED, ids=[f"{entry[1]!r}"[:60] for entry in REFUSED])
def test_refused(old, new, line, words):
    source = spoiled(old, new)
    with pytest.raises(PolicyError) as caught:
        check(parse(PATH, source), source)
    message = str(caught.value)
    assert message.startswith(f"{PATH}:{line}: ")
    assert words in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", f"{PATH}:1: 0 policies in one file; one file a policy"),
        (f"{POLICY}---\n{POLICY}", f"{PATH}:1: 2 policies in one file; one file a policy"),
        ("- a\n", f"{PATH}:1: the policy is a list; it is a mapping with id, title"),
        ("id: [\n", f"{PATH}:2: "),
        ("a: 1\n\tb: 2\n", f"{PATH}:2: "),
        ("? {a: 1}\n: x\n", f"{PATH}:1: "),
        ("id: &a\n  x: *a\n", f"{PATH}:2: "),
    ],
)
def test_no_policy(text, message):
    with pytest.raises(PolicyError) as caught:
        parse(PATH, text)
    assert str(caught.value).startswith(message)


def test_empty_documents_around_a_policy_do_no_harm():
    source = f"# a comment\n---\n{POLICY}---\n"
    assert parse(PATH, source) == parse(PATH, POLICY)
    spoilt = source.replace("== false", "== nope")
    with pytest.raises(PolicyError, match=r":23: expression: undeclared reference to 'nope'"):
        check(parse(PATH, spoilt), spoilt)


# Folders.


def write(folder, name, text=POLICY):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.replace("privileged-container", path.stem), encoding="utf-8")
    return path


def test_load_reads_a_folder_in_order_of_ids(tmp_path):
    for name in ("z/b.yaml", "a/c.yml", "a.yaml", ".hidden.yaml", ".git/d.yaml"):
        write(tmp_path, name)
    (tmp_path / "README.md").write_text("no policy")
    policies = load(tmp_path)
    assert [policy.id for policy in policies] == ["a", "b", "c"]
    assert policies[1].source == str(tmp_path / "z" / "b.yaml")


def test_load_checks_the_expressions_of_a_users_policy(tmp_path):
    write(tmp_path, "a.yaml", spoiled("== false", "== nope"))
    with pytest.raises(PolicyError, match=r"a\.yaml:21: expression: undeclared reference to 'nope'"):
        load(tmp_path)


def test_load_refuses_an_id_twice(tmp_path):
    first, second = write(tmp_path, "a/x.yaml"), write(tmp_path, "b/x.yaml")
    with pytest.raises(PolicyError) as caught:
        load(tmp_path)
    assert str(caught.value) == f"{second}:1: x is there already: {first}; one file a policy"


def test_load_refuses_what_is_no_folder(tmp_path):
    with pytest.raises(PolicyError, match=r"missing:1: no such folder"):
        load(tmp_path / "missing")
    with pytest.raises(PolicyError, match=r":1: no policy files here"):
        load(tmp_path)


def test_load_refuses_what_is_not_utf8(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"id: a\ntitle: \xff\n")
    with pytest.raises(PolicyError, match=r"a\.yaml:2: not UTF-8"):
        load(tmp_path)


def test_load_takes_a_byte_order_mark(tmp_path):
    write(tmp_path, "a.yaml", "\ufeff" + POLICY)
    assert [policy.id for policy in load(tmp_path)] == ["a"]


def test_load_refuses_what_cannot_be_read(tmp_path):
    (tmp_path / "a.yaml").symlink_to(tmp_path / "missing")
    with pytest.raises(PolicyError, match=r"a\.yaml:1: cannot be read: No such file"):
        load(tmp_path)

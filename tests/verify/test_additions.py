"""Fixes that add an object: shown in full, verified like others, written at the end of the file."""

from __future__ import annotations

from dataclasses import replace

from bot.manifest import read
from bot.model import Applicability, Severity, Tier
from bot.pipeline import Bot, look, repair
from bot.trial import Alone
from bot.verify.additions import is_addition, verify_additions
from bot.verify.verify import Verifier
from tests.detect.made import around
from tests.small_policies import detected, detector, fixes_of, policy

ACCOUNT = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "${object.spec.serviceAccountName}"}}
MISSING = policy(
    "account-missing",
    "inventory.ServiceAccount.exists(each, each.metadata.name == object.spec.serviceAccountName)",
    kinds=["Pod"],
    at="/spec/serviceAccountName",
    fixes=[{"create": ACCOUNT}],
)
LABELLED = policy("labelled", "has(object.metadata.labels)", kinds=["ServiceAccount"], severity="high")
UNUSED = policy("unused", "inventory.Pod.size() > 5", kinds=["ServiceAccount"], severity="low")


def pods(*accounts):
    return "---\n".join(
        f"apiVersion: v1\nkind: Pod\nmetadata:\n  name: p{number}\nspec:\n  serviceAccountName: {account}\n"
        "  containers:\n    - name: web\n      image: web\n"
        for number, account in enumerate(accounts)
    )


def account(name):
    return f"---\napiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: {name}\n"


def verified(text, *policies):
    manifest, found, _ = detected(policies, text)
    fixes = fixes_of([each for each in found if each.policy.id == "account-missing"])
    assert all(map(is_addition, fixes))
    return verify_additions(Verifier(detector(policies), Alone().resources), manifest, fixes, found)


def reasons(result):
    return [each.reason for each in result.verifications[0].results if each.status == "failed"]


def test_an_addition_is_verified_by_all_gates():
    result = verified(pods("web"), MISSING)
    (verification,) = result.verifications
    assert [each.gate for each in verification.results] == ["edit", "finding-gone", "nothing-new", "schema"]
    assert verification.passed
    assert verification.tier is Tier.SCHEMA
    assert result.edited is not None
    assert result.edited.text == pods("web") + account("web")


def test_equal_objects_are_added_once():
    result = verified(pods("web", "web", "api"), MISSING)
    assert all(each.passed for each in result.verifications)
    assert result.edited is not None
    assert result.edited.text == pods("web", "web", "api") + account("web") + account("api")


def test_what_is_found_about_the_new_object_counts():
    assert reasons(verified(pods("web"), MISSING, LABELLED)) == ["the fix would bring a new finding: labelled"]
    result = verified(pods("web"), MISSING, UNUSED)
    assert result.verifications[0].passed
    assert result.verifications[0].notes == ("unused: unused",)


def test_an_object_that_does_not_end_the_finding_is_refused():
    wrong = policy("account-missing", "inventory.ServiceAccount.size() > 1", kinds=["Pod"], fixes=[{"create": ACCOUNT}])
    assert reasons(verified(pods("web"), wrong)) == ["still found after the fix: account-missing"]


def test_an_object_that_the_schema_refuses():
    bad = {**ACCOUNT, "secrets": "none"}
    wrong = policy("account-missing", MISSING.check.expression, kinds=["Pod"], fixes=[{"create": bad}])
    assert ["/secrets" in each for each in reasons(verified(pods("web"), wrong))] == [True]


def test_an_object_that_is_there_is_not_added_again():
    always = policy("account-missing", "inventory.Pod.size() > 5", kinds=["Pod"], fixes=[{"create": ACCOUNT}])
    assert reasons(verified(pods("web") + account("web"), always)) == ["there is a ServiceAccount web already"]


def test_two_objects_of_one_name_are_not_added():
    other = {**ACCOUNT, "automountServiceAccountToken": False}
    second = policy("account-missing", MISSING.check.expression, kinds=["Pod"], fixes=[{"create": other}])
    text = pods("web")
    manifest, found, _ = detected([MISSING], text)
    fixes = [*fixes_of(found), *fixes_of(detected([second], text)[1])]
    verifier = Verifier(detector([MISSING]), Alone().resources)
    result = verify_additions(verifier, manifest, fixes, found)
    assert [each.passed for each in result.verifications] == [True, True]  # each alone
    assert result.edited is not None
    assert result.edited.text == text + account("web")


HOST_PID = policy(
    "host-pid", "!has(object.spec.hostPID)", kinds=["Pod"], fixes=[[{"op": "remove", "path": "/spec/hostPID"}]]
)


def test_repair_adds_objects_after_it_has_changed_what_is_there():
    text = pods("web").replace("spec:\n", "spec:\n  hostPID: true\n")
    result = repair(Bot(detector([MISSING, HOST_PID]), Alone()), "a.yaml", text, least=Applicability.UNSAFE)
    assert result.findings == []
    assert result.after == pods("web") + account("web")
    assert [each.fix.findings[0].policy_id for each in result.verifications] == ["host-pid", "account-missing"]
    again = repair(Bot(detector([MISSING, HOST_PID]), Alone()), "a.yaml", result.after, least=Applicability.UNSAFE)
    assert again.after is None


def test_scan_shows_the_whole_object():
    result = look(Bot(detector([MISSING]), Alone()), "a.yaml", pods("web"), verify=True)
    (verification,) = result.verifications
    assert verification.passed
    (edit,) = verification.fix.changes[0].edits
    assert edit.new_text == account("web")


def test_objects_of_other_files_are_in_scope():
    tree = {"x/pod.yaml": pods("web"), "x/account.yaml": account("web")}
    assert look(Bot(detector([MISSING]), around(tree)), "x/pod.yaml", tree["x/pod.yaml"]).findings == []


def test_nothing_is_added_beside_a_fragment():
    class Fragments(Alone):
        def resources(self, manifest):
            return tuple(replace(each, partial=True) for each in manifest.resources)

    result = look(Bot(detector([MISSING]), Fragments()), "a.yaml", pods("web"), verify=True)
    assert [each.severity for each in result.findings] == [Severity.MEDIUM]
    assert result.verifications == []
    assert [each.reason for each in result.skips] == ["Fix 0: this is a fragment; the object belongs beside its base"]


def test_a_file_that_takes_no_further_document():
    text = '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"serviceAccountName": "web"}}\n'
    manifest = read("a.json", text)
    result = repair(Bot(detector([MISSING]), Alone()), manifest.path, text, least=Applicability.UNSAFE)
    assert result.after is None
    assert [each.results[0].reason for each in result.verifications] == [
        "refused: not-yaml: the file is JSON, which holds one document"
    ]

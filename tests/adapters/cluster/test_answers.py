"""Answers that no test server gives, in the words of Kubernetes' own sources; every answer has a verdict."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.cluster.answers import Answer, classify, is_outage
from bot.verify.server import Stage, Status


def answer(code: int, message: str, **fields: Any) -> Answer:
    return Answer(code, json.dumps({"kind": "Status", "message": message, **fields}).encode())


LACKING = {
    "service account": (
        403,
        'pods "p" is forbidden: error looking up service account shop/runner: serviceaccount "runner" not found',
        "service account shop/runner",
    ),
    "quota": (
        403,
        'pods "p" is forbidden: exceeded quota: small, requested: pods=1, used: pods=5, limited: pods=5',
        "quota (exceeded quota: small)",
    ),
    "quota that wants requests": (
        403,
        'pods "p" is forbidden: failed quota: compute: must specify requests.cpu for: c',
        "quota (failed quota: compute)",
    ),
    "namespace that goes": (
        403,
        'pods "p" is forbidden: unable to create new content in namespace old because it is being terminated',
        "namespace old (it is being deleted)",
    ),
    "webhook": (
        400,
        'admission webhook "mutate.example.com" does not support dry run',
        "a webhook that can be asked (does not support dry run)",
    ),
}


@pytest.mark.parametrize("case", LACKING)
def test_what_is_lacking(case: str) -> None:
    code, message, lacks = LACKING[case]
    verdict = classify(answer(code, message))
    assert (verdict.status, verdict.lacks) == (Status.LACKING, lacks)


def test_a_single_stack_cluster_lacks_dual_stack() -> None:
    message = 'Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services'
    cause = {"reason": "FieldValueInvalid", "message": message, "field": "spec.ipFamilyPolicy"}
    verdict = classify(answer(422, "Service is invalid", reason="Invalid", details={"causes": [cause]}))
    assert (verdict.status, verdict.lacks) == (Status.LACKING, "dual-stack services")
    other = {"reason": "FieldValueInvalid", "message": "must be between 1 and 65535", "field": "spec.ports[0].port"}
    both = classify(answer(422, "Service is invalid", reason="Invalid", details={"causes": [cause, other]}))
    assert both.status is Status.REJECTED
    assert len(both.causes) == 2


POLICY = "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no latest tag"


@pytest.mark.parametrize(
    ("given_answer", "field", "message"),
    [
        (
            answer(422, f'deployments.apps "w" is forbidden: {POLICY}', details={"causes": [{"message": POLICY}]}),
            "",
            POLICY,
        ),
        (answer(403, f'pods "p" is forbidden: {POLICY}', details={"causes": [{"message": POLICY}]}), "", POLICY),
        (
            answer(403, 'admission webhook "v.example.com" denied the request: no owner label'),
            "",
            'admission webhook "v.example.com" denied the request: no owner label',
        ),
    ],
)
def test_admission_that_says_no(given_answer: Answer, field: str, message: str) -> None:
    verdict = classify(given_answer)
    assert verdict.status is Status.REJECTED
    assert [(cause.stage, cause.field, cause.message) for cause in verdict.causes] == [
        (Stage.ADMISSION, field, message)
    ]


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (405, Status.NOT_SERVED),
        (409, Status.REJECTED),
        (413, Status.REJECTED),
        (418, Status.UNKNOWN),
        (500, Status.UNKNOWN),
    ],
)
def test_other_codes(code: int, status: Status) -> None:
    verdict = classify(answer(code, "some\nreason"))
    assert verdict.status is status
    assert "\n" not in verdict.reason


def test_a_custom_resource_s_type_error_is_one_cause() -> None:
    causes = [
        {"reason": "FieldValueTypeInvalid", "message": "must be of type integer", "field": "spec.a"},
        {"reason": "FieldValueInvalid", "message": "some validation rules were not checked", "field": "<nil>"},
    ]
    verdict = classify(answer(422, "Foo is invalid", details={"causes": causes}))
    assert [cause.field for cause in verdict.causes] == ["spec.a"]


def test_outages() -> None:
    assert is_outage(Answer(429))
    assert is_outage(Answer(500, b"failed calling webhook"))
    assert not is_outage(Answer(500, b'{"message": "failed to create typed patch object (/web; apps/v1)"}'))
    assert not any(is_outage(Answer(code)) for code in (200, 201, 400, 401, 403, 404, 409, 422))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["kind", "message", "details", "causes", "field", "reason"]), inner, max_size=5
        )
    ),
    max_leaves=12,
)


@given(st.integers(200, 599), JSON, st.binary(max_size=4))
def test_every_answer_has_a_verdict_with_a_reason_on_one_line(code: int, document: Any, noise: bytes) -> None:
    verdict = classify(Answer(code, json.dumps(document).encode() + noise))
    assert verdict.status is Status.ACCEPTED or verdict.reason
    assert verdict.status is not Status.REJECTED or verdict.causes
    assert verdict.status is not Status.LACKING or verdict.lacks

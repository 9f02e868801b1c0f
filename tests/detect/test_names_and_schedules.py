"""Functions of policies that know a grammar: schedules, images, names. Schedules were compared with a real server."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import schema
from bot.detect import functions
from bot.detect.functions import Context
from bot.manifest import read, workloads

POD = "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec: {{containers: [{}]}}\n"


def messages(function: str, text: str, *, partial: bool = False) -> list[str]:
    manifest = read("x.yaml", text)
    resource = replace(next(iter(manifest.resources)), partial=partial)
    pod = next(iter(workloads.pods(resource)), None)
    container = next(iter(pod.containers), None) if pod else None
    context = Context(resource, manifest, "1.36", "1.36", schema, pod=pod, container=container)
    return [hit.message for hit in functions.find(function)(context)]


def scheduled(schedule: str) -> list[str]:
    text = f"apiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: a}}\nspec: {{schedule: {schedule!r}}}\n"
    return messages("cronjob_invalid_schedule", text)


@pytest.mark.parametrize(
    "schedule",
    [
        "* * * * *",
        "*/5 ? 1/2 * 0",
        "0,30 8-18/2 1-31 JAN-Mar,12 Mon-5",
        " 0  4 * * * ",
        "+1 007 * * *",
        "*/99 * * * *",
        "1,,2 * * * *",
        "?-5 * * * *",
        "@yearly",
        "@midnight",
        "@every 1h30m",
        "@every .5h",
        "@every -1h",
        "@every 0",
    ],
)
def test_schedules_that_the_controller_reads(schedule):
    assert scheduled(schedule) == []


@pytest.mark.parametrize(
    ("schedule", "reason"),
    [
        ("", "0 fields"),
        ("0 4 * *", "4 fields"),
        ("0 0 4 * * *", "6 fields"),
        ("60 4 * * *", "between 0 and 59"),
        ("0 24 * * *", "between 0 and 23"),
        ("0 4 0 * *", "between 1 and 31"),
        ("0 4 * 13 *", "between 1 and 12"),
        ("0 4 * * 7", "between 0 and 6"),
        ("0 4 * january *", "between 1 and 12"),
        ("5-1 4 * * *", "ends before it begins"),
        ("*/0 4 * * *", "a step of 0"),
        ("1-2-3 4 * * *", "minute 1-2-3"),
        ("0 4 L * *", "day of month L"),
        ("0 4 * * 5#2", "day of week 5#2"),
        ("TZ=UTC 0 4 * * *", "spec.timeZone"),
        ("CRON_TZ=UTC @daily", "spec.timeZone"),
        ("@nightly", "@nightly"),
        ("@Daily", "@Daily"),
        ("@every 1d", "@every"),
        ("@every", "@every"),
    ],
)
def test_schedules_that_it_does_not(schedule, reason):
    (message,) = scheduled(schedule)
    assert reason in message


@pytest.mark.parametrize(
    "image",
    [
        "nginx",
        "nginx:1.27.3",
        "registry:5000/app",
        "localhost/app:1",
        "Registry.Example.com/shop/my_web--2/x.y:V2.1_0-rc.1",
        "web@sha256:" + "0" * 64,
        "web:2@sha256:" + "0" * 64,
        "[2001:db8::1]:5000/web",
        "a__b/c_d/e-f.g",
        "${IMAGE}",
    ],
)
def test_images(image):
    assert messages("image_name_invalid", POD.format(f"{{name: web, image: {image!r}}}")) == []


@pytest.mark.parametrize(
    "image",
    [
        "Nginx:1.0",
        "shop/Web",
        "web:",
        "web:a:b",
        "web:-1",
        "web@sha256:12",
        "https://x.io/web",
        "a b",
        " web",
        "a//b",
        "_a",
    ],
)
def test_what_is_no_image(image):
    assert len(messages("image_name_invalid", POD.format(f"{{name: web, image: {image!r}}}"))) == 1


@pytest.mark.parametrize(
    ("api_version", "kind", "name"),
    [
        ("v1", "ConfigMap", "a.b-c.0"),
        ("v1", "Service", "web-2"),
        ("rbac.authorization.k8s.io/v1", "Role", "system::Leader_Locking"),
        ("networking.k8s.io/v1", "IPAddress", "2001:db8::1"),
        ("example.com/v1", "Thing", "Any_Name"),
        ("v1", "ConfigMap", "$(NAME)"),
    ],
)
def test_names(api_version, kind, name):
    assert (
        messages("resource_name_missing", f"apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: {name!r}}}\n")
        == []
    )


@pytest.mark.parametrize(
    ("api_version", "kind", "name"),
    [
        ("v1", "ConfigMap", "A"),
        ("v1", "ConfigMap", "a_b"),
        ("v1", "ConfigMap", "-a"),
        ("v1", "ConfigMap", "a..b"),
        ("v1", "ConfigMap", "a" * 254),
        ("v1", "Service", "a.b"),
        ("v1", "Namespace", "a" * 64),
        ("rbac.authorization.k8s.io/v1", "Role", "a/b"),
    ],
)
def test_what_is_no_name(api_version, kind, name):
    text = f"apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: {name!r}}}\n"
    assert len(messages("resource_name_missing", text)) == 1


def test_a_fragment_says_nothing_about_volumes():
    text = POD.format("{name: web, volumeMounts: [{name: data, mountPath: /data}]}")
    assert len(messages("volume_mount_undefined", text)) == 1
    assert messages("volume_mount_undefined", text, partial=True) == []


@pytest.mark.parametrize(
    "text",
    [
        "see <your-wiki>",
        "<API_KEY>",
        "CHANGEME",
        "change-me",
        "http://REPLACE_ME/x",
        "TODO",
        "{{ name }}",
        "{{- .Values.image.tag }}",
        "{{owner-id}}",
        "<insert name>",
    ],
)
def test_placeholders(text):
    assert len(messages("unreplaced_placeholder", POD.format(f"{{name: web, args: [{text!r}]}}"))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "{{ .Name }}",
        "{{range .Items}}{{.metadata.name}}{{end}}",
        "{{inputs.parameters.name}}",
        "${NAME}",
        "$(NAME)",
        "<none>",
        "a < b > c",
        "Shop <shop@example.com>",
        "changemenot",
        "todo-list",
        "<br>",
        "<html lang='en'>",
    ],
)
def test_what_is_no_placeholder(text):
    assert messages("unreplaced_placeholder", POD.format(f"{{name: web, args: [{text!r}]}}")) == []

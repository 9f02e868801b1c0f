"""`export-policies`: the selected policies as a ValidatingAdmissionPolicy with its bindings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from bot import __version__
from bot.cli.options import PROFILES
from bot.cli.streams import tell, write_output
from bot.errors import UsageError

if TYPE_CHECKING:
    from bot.policy.export import Exported

_ACTIONS = ("warn", "deny", "audit")


@click.command()
@click.option(
    "--profile", type=click.Choice(PROFILES), help="Policies to start from; --select adds to them.  [default: default]"
)
@click.option(
    "--select",
    multiple=True,
    metavar="NAME",
    help="Policies to use: ids (other tools' too), categories, profiles; comma-separated or repeated.",
)
@click.option("--ignore", multiple=True, metavar="NAME", help="Policies to leave out; as --select.")
@click.option(
    "--action",
    "actions",
    multiple=True,
    type=click.Choice(_ACTIONS),
    default=("warn",),
    show_default=True,
    help="What becomes of an object with a finding; repeated for several.",
)
@click.option("--kubernetes-version", metavar="MINOR", help="Version of the cluster, such as 1.36.")
@click.option("--policies", "folder", type=click.Path(), metavar="DIR", help="Your own policies, in addition.")
@click.option("--config", type=click.Path(), metavar="FILE", help="Settings, in place of .k8s-auto-fix.yaml.")
@click.option(
    "--format", "form", type=click.Choice(("yaml", "json")), default="yaml", show_default=True, help="How to write."
)
@click.option("-o", "--output", type=click.Path(), metavar="FILE", help="Write to FILE instead of stdout.")
def command(
    profile: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    actions: tuple[str, ...],
    kubernetes_version: str | None,
    folder: str | None,
    config: str | None,
    form: str,
    output: str | None,
) -> int:
    """Write the policies for a cluster to enforce, as one ValidatingAdmissionPolicy.

    \b
    k8s-auto-fix export-policies | kubectl apply --server-side -f -
    k8s-auto-fix export-policies --select baseline --action deny --action warn

    warn shows every finding to who applies an object; deny refuses the object and shows the first one, outside of
    kube-system, kube-public and kube-node-lease; audit notes findings in the audit log. Policies that would answer
    otherwise on a server are left out; stderr says why.
    """  # noqa: D301
    from bot.cli.session import load_policies, meaning_of
    from bot.cli.session import select as chosen
    from bot.policy.enforceable import Circumstances
    from bot.policy.export import Action, export
    from bot.schema import OLDEST_SUPPORTED
    from bot.settings import Options, load

    known = load_policies(folder)
    given = Options(config, select or None, ignore or None, kubernetes_version=kubernetes_version, profile=profile)
    settings = load((), given, meaning=meaning_of(known))
    policies = chosen(known, settings)
    if not policies:
        raise UsageError("no policy is selected; `k8s-auto-fix policies` lists them")
    circumstances = Circumstances(settings.oldest or OLDEST_SUPPORTED, settings.values)
    exported = export(policies, circumstances, actions=[Action(action.capitalize()) for action in actions])
    for each in exported.left_out:
        tell(f"# left out: {each.policy_id}: {each.reason}")
    if not exported.objects:
        raise UsageError("none of the selected policies can run on a server")
    write_output(_json(exported) if form == "json" else _yaml(exported), output)
    tell(f"# {_count(exported)} exported, {len(exported.left_out)} left out")
    return 0


def _count(exported: Exported) -> str:
    number = len(exported.policy_ids)
    return f"{number} {'policy' if number == 1 else 'policies'}"


def _json(exported: Exported) -> str:
    document = {
        "objects": list(exported.objects),
        "policies": list(exported.policy_ids),
        "leftOut": [{"policy": each.policy_id, "reason": each.reason} for each in exported.left_out],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _yaml(exported: Exported) -> str:
    import yaml

    class Writer(yaml.SafeDumper):
        """Lists stand indented, texts of several lines as they are."""

        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
            super().increase_indent(flow, indentless=False)

    def text(writer: yaml.SafeDumper, value: str) -> yaml.Node:
        style = "|" if "\n" in value else None
        return writer.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Writer.add_representer(str, text)
    head = f"# {_count(exported)}, written by k8s-auto-fix {__version__} export-policies\n"
    documents = (
        yaml.dump(each, Dumper=Writer, sort_keys=False, allow_unicode=True, width=1_000_000)
        for each in exported.objects
    )
    return head + "---\n".join(documents)

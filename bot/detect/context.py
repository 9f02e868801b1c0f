"""What surrounds the files of a run: charts, kustomizations, development tools, suppressions.

`look_around` reads it once, through a reader that is handed in; `Surroundings` then answers for each file. Paths are
POSIX paths as the reader understands them.

Invariant: nothing is rendered or guessed. What cannot be read is absent, and absent surroundings change nothing.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial

from bot.detect import fragments, kustomize
from bot.detect.builds import SKAFFOLD, TILTFILE, built_images, is_build_file
from bot.detect.generated import generated
from bot.detect.inventory import MAX_FILES, Inventory, Scope, Shelf, Shelves
from bot.detect.kustomize import Builds, Image, Reader
from bot.detect.marks import Known
from bot.detect.others.acceptance import Accepted, Place, place_of
from bot.detect.others.gather import gather as gather_accepted
from bot.detect.pins import Pins, by_name, of_references, written
from bot.detect.placeholders import has_image_policy, image_name, placeholder
from bot.detect.recommendations.model import Recommended
from bot.detect.suppress import Suppressed, suppress
from bot.manifest import Manifest, Resource, pointers, read_kept
from bot.model import Finding, Skip

_TOOLS_OWN = ("kustomize.config.k8s.io/", "skaffold/", "builtin", "kind.x-k8s.io/")
"""apiVersions of files that a tool on the developer's machine reads; no cluster ever sees them."""

_EXPECTATION = re.compile(r"\d+-(?:assert|errors)(?:-[\w-]+)?\.ya?ml\Z")

_TYPES = "schema-error"
_SECRETS = "secrets"
_HERE = "this folder"  # the one of the file: the place of a finding names it
_BASES = frozenset({"base", "bases", "common", "components"})
_ABOUT_PLACEHOLDERS = "unreplaced-placeholder"

Lister = Callable[[str], Iterable[str]]
"""The paths of the manifests in a folder, those of folders below left out."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What lies around the files of a run, and what has been accepted.

    `here` is the folder that relative paths start from. `charts` are the folders of Helm charts; `built` are the images
    that development tools build, by the folder below which they count: (path of the tool's file, names). `text` and
    `listing` give what is in a file and in a folder, for policies that look at several objects. `accepted` is what the
    configuration of other tools at `root` accepts; `recommended` is what reports of the repository recommend. `files`
    are those of the run: their places, and what it calls them; `pinned` keeps the images that they pin once somebody
    has asked.
    """

    names: Known
    today: date
    here: str = ""
    charts: frozenset[str] = frozenset()
    builds: Builds = field(default_factory=Builds)
    built: Mapping[str, tuple[tuple[str, frozenset[str]], ...]] = field(default_factory=dict)
    recommended: Recommended = field(default_factory=Recommended)
    text: Reader = lambda _: None
    listing: Lister = lambda _: ()
    root: str = ""
    accepted: Accepted = field(default_factory=Accepted)
    shelves: Shelves = field(default_factory=Shelves, compare=False, repr=False)
    files: Mapping[str, str] = field(default_factory=dict)
    pinned: list[Pins] = field(default_factory=list, compare=False, repr=False)

    def place(self, path: str) -> str:
        """A path of a run as kustomizations and charts are known here."""
        return kustomize.join(self.here, path)

    def skip(self, manifest: Manifest) -> Skip | None:
        """Why a file is left alone as a whole: a template of a chart, a test's expectation, or generated."""
        path = self.place(manifest.path)
        chart = next((folder for folder in _template_folders(path) if folder in self.charts), None)
        if chart is not None:
            why = f"a template of the Helm chart {posixpath.basename(chart) or 'at the root'}"
            return Skip("detect", "template", why, manifest.path)
        if _EXPECTATION.match(posixpath.basename(path)):
            why = "what a KUTTL test expects to find; nobody applies it"
            return Skip("detect", "expectation", why, manifest.path)
        why_generated = generated(manifest)
        if why_generated is not None:
            return Skip("detect", "generated", f"a generated file: {why_generated}", manifest.path)
        return None

    def resources(self, manifest: Manifest) -> tuple[Resource, ...]:
        """The cluster's objects in a file, fragments marked as partial."""
        return tuple(
            resource
            if resource.partial or self.fragment(manifest, resource) is None
            else replace(resource, partial=True)
            for resource in manifest.resources
            if not is_tools_own(resource)
        )

    def inventory(self, manifest: Manifest) -> Inventory:
        """The objects in scope of a file: its own as they stand in `manifest`, the others as they are read."""
        path = self._shown(self.place(manifest.path))
        shelf = partial(self._shelf, manifest.path)
        return Inventory(partial(self.resources, manifest), path, shelf, self._pins, self.recommended)

    def _pins(self) -> Pins:
        if not self.pinned:
            texts = ((path, self.text(path)) for path in self.files.values())
            found = (pin for path, text in texts if text for pin in written(path, text))
            self.pinned.append(by_name([*found, *of_references(self._set_images())]))
        return self.pinned[0]

    def _set_images(self) -> Iterator[tuple[str, str]]:
        """(image, path) of what kustomizations make of images."""
        everything = {each.path: each for reached in self.builds.reached.values() for each in reached}
        for place, each in sorted(everything.items()):
            yield from ((image.pinned, self._shown(place)) for image in each.images if image.pinned)

    def _shelf(self, path: str) -> Shelf:
        place = self.place(path)
        folders = self.builds.folders.get(place, ())
        key = ("built", folders) if folders else ("folder", posixpath.dirname(place))
        make = partial(self._built, folders) if folders else partial(self._folder, path)
        return self.shelves.get(key, lambda: Shelf(make(), lambda each: self.text(self.place(each)), self._load))

    def _built(self, folders: Sequence[str]) -> Scope:
        """What the kustomizations of these folders build."""
        reached = {each.path: each for folder in folders for each in self.builds.reached[folder]}.values()
        paths = sorted(frozenset().union(*(self.builds.files[folder] for folder in folders)))
        # The one that builds the most is the one people know.
        most = max(folders, key=lambda folder: (len(self.builds.files[folder]), folder))
        where = f"what {self._shown(self.builds.reached[most][0].path)} builds"
        if len(paths) > MAX_FILES:
            return Scope(where, problem=f"{where} is made of {len(paths):,} files")
        return Scope(
            where,
            tuple(map(self._shown, paths)),
            whole=self._is_whole(folders, paths),
            one_namespace=any(each.namespace is not None for each in reached),
            made=frozenset().union(*(each.made for each in reached)),
            scaled=frozenset().union(*(each.replicas for each in reached)),
            builds=tuple(frozenset(map(self._shown, self.builds.files[folder])) for folder in folders),
        )

    def _is_whole(self, folders: Sequence[str], paths: Iterable[str]) -> bool:
        """Whether nothing comes from elsewhere: a component and a base are made for others to add to."""
        reached = [each for folder in folders for each in self.builds.reached[folder]]
        return (
            not all(self.builds.reached[folder][0].component or _is_base(folder) for folder in folders)
            and not any(each.remote for each in reached)
            and all(self.text(path) is not None for path in paths)
        )

    def _folder(self, path: str) -> Scope:
        """The files beside a file that no kustomization builds."""
        folder = posixpath.dirname(self.place(path))
        paths = sorted(map(self._shown, self.listing(folder)))
        if len(paths) > MAX_FILES:
            return Scope(_HERE, problem=f"the folder {self._shown(folder) or '.'} holds {len(paths):,} files")
        return Scope(_HERE, tuple(paths))

    def _load(self, path: str, text: str) -> Sequence[Resource]:
        """The objects of a file beside the one that is looked at; none when nobody applies it."""
        if _EXPECTATION.match(posixpath.basename(path)):
            return ()
        return self.resources(read_kept(path, text))

    def _shown(self, place: str) -> str:
        """A place as the run calls it; what is none of its files relative to the current folder."""
        if place in self.files:
            return self.files[place]
        if not self.here.startswith("/") or not place.startswith("/"):
            return place
        relative = posixpath.relpath(place, self.here)
        return "" if relative == "." else relative

    def fragment(self, manifest: Manifest, resource: Resource) -> str | None:
        """Why absent fields of an object say nothing, for people; None when it is whole."""
        by = self.builds.patches.get(self.place(resource.path))
        return f"a patch of {by}" if by is not None else fragments.fragment(manifest, resource)

    def silence(self, manifest: Manifest, resource: Resource, finding: Finding) -> str | None:
        """Why a finding does not count where it points: the value is filled in, built or set elsewhere."""
        pointer = finding.location.pointer[len(resource.pointer) :]
        why = self._set_by_kustomization(resource, pointer)
        if why is not None or finding.policy_id == _ABOUT_PLACEHOLDERS:
            return why
        member = pointers.split(pointer)[-1] if pointer else ""
        if fragments.is_directive(member):
            return f"{member} is a directive of a strategic merge patch"
        if self.names.categories.get(finding.policy_id) in (_TYPES, _SECRETS):
            found, value = pointers.resolve(resource.body, pointer)
            held = placeholder(value if found else None) or placeholder(member)
            if held is not None:
                return f"{held} is filled in later"
        if finding.policy_id.startswith("image-") or pointer.endswith("/image"):
            target = finding.target[len(resource.pointer) :]
            return self._image_elsewhere(manifest, resource, finding.policy_id, (pointer, target))
        return None

    def suppress(self, manifest: Manifest, findings: Sequence[Finding]) -> Suppressed:
        """What accepts each finding of a file, and the suppressions that do not hold in it.

        What stands beside the finding comes before what stands in a configuration file.
        """
        found = suppress(manifest, findings, self.names, today=self.today)
        if not self.accepted.entries or not _is_inside(self.place(manifest.path), self.root):
            return found
        pairs = zip(findings, found.suppressions, strict=True)
        both = (by or self.accepted.accepting(each, self._place_of(manifest, each)) for each, by in pairs)
        return Suppressed(tuple(both), found.skips)

    def _place_of(self, manifest: Manifest, finding: Finding) -> Place:
        path = self.place(manifest.path)
        below = path.removeprefix(self.root.rstrip("/") + "/") if self.root else path
        return place_of(manifest.documents[finding.location.document], finding, below)

    def _set_by_kustomization(self, resource: Resource, pointer: str) -> str | None:
        if pointer not in ("/metadata/namespace", "/spec/replicas"):
            return None
        for each in self.builds.settings(self.place(resource.path)):
            if pointer == "/metadata/namespace" and each.namespace is not None:
                return f"{each.path} sets the namespace"
            if pointer == "/spec/replicas" and resource.ref.name in each.replicas:
                return f"{each.path} sets the replicas"
        return None

    def _image_elsewhere(
        self, manifest: Manifest, resource: Resource, policy_id: str, places: tuple[str, ...]
    ) -> str | None:
        place, reference = _image_at(resource, places)
        if reference is None:
            return None
        held = placeholder(reference)
        if held is not None:
            return f"{held} is filled in later"
        if has_image_policy(manifest, resource.document, resource.pointer + place):
            return "Flux writes the image: $imagepolicy"
        path, name = self.place(resource.path), image_name(reference)
        for folder in _up(posixpath.dirname(path)) if self.built else ():
            for tool, names in self.built.get(folder, ()):
                if name in names:
                    return f"{tool} builds {name}"
        for each in self.builds.settings(path):
            for image in each.images:
                if image.name == name and _answers(image, policy_id):
                    return f"{each.path} sets the image {name}"
        return None


def look_around(
    paths: Iterable[str],
    read: Reader,
    names: Known,
    *,
    today: date,
    root: str = "",
    here: str = "",
    listing: Lister | None = None,
    accepted: Accepted | None = None,
    recommended: Recommended | None = None,
) -> Surroundings:
    """Read what surrounds `paths`, the files of a run: from their folders up to `root`, and what is named there.

    `paths` may hold files of any kind; `read` gives the text of a file or None. Below the root of a repository `root`
    and `here`, the folder that relative paths start from, are absolute; at the root both may stay empty. `listing`
    gives the manifests of a folder; without it those of `paths` count. Both are asked again later, for policies that
    look at several objects. `accepted` stands for the configuration of other tools at `root`, when it is to be that of
    another tree. `recommended` is what reports recommend; None is nothing.
    """
    called = {kustomize.join(here, path): path for path in paths}
    files = sorted(called)
    top = kustomize.join(here, root)
    folders = {folder for path in {posixpath.dirname(path) for path in files} for folder in _up(path, top)}
    possible = dict.fromkeys(folder for path in files for folder in _template_folders(path))
    charts = frozenset(folder for folder in possible if read(posixpath.join(folder, "Chart.yaml")) is not None)
    tools = dict.fromkeys(posixpath.join(folder, name) for folder in sorted(folders) for name in (*SKAFFOLD, TILTFILE))
    tools.update(dict.fromkeys(path for path in files if is_build_file(posixpath.basename(path))))
    built: dict[str, tuple[tuple[str, frozenset[str]], ...]] = {}
    for path in tools:
        text = read(path)
        images = built_images(path, text) if text is not None else frozenset()
        if images:
            folder = posixpath.dirname(path)
            built[folder] = (*built.get(folder, ()), (path, images))
    builds = kustomize.trace(kustomize.gather(sorted(folders), read))
    if accepted is None and files and not any(_is_inside(path, top) for path in files):
        accepted = Accepted()
    if accepted is None:
        shown = posixpath.relpath(top, here) if here else top
        accepted = gather_accepted(read, names, today=today, root=top, shown="" if shown == "." else shown)
    listing = listing or _listing(files)
    return Surroundings(
        names,
        today,
        here,
        charts,
        builds,
        built,
        recommended or Recommended(),
        read,
        listing,
        top,
        accepted,
        files=called,
    )


def _listing(files: Iterable[str]) -> Lister:
    """The lister of a tree of which nothing is known but these files."""
    folders: dict[str, list[str]] = {}
    for path in files:
        folders.setdefault(posixpath.dirname(path), []).append(path)
    return lambda folder: folders.get(folder, ())


def is_tools_own(resource: Resource) -> bool:
    """Whether an object is a tool's configuration (a kustomization, a skaffold.yaml, a kubeconfig), never applied."""
    if resource.ref.api_version.startswith(_TOOLS_OWN):
        return True
    return resource.ref.api_version == "v1" and resource.ref.kind == "Config"


def _is_inside(path: str, root: str) -> bool:
    """Whether a path is that of a file below `root`; without a root every one is."""
    return not root or pointers.is_within(path, root)


def _is_base(folder: str) -> bool:
    """Whether a folder is called a base: its overlays may be where nobody looks."""
    return not _BASES.isdisjoint(folder.split("/"))


def _up(folder: str, root: str = "") -> Iterator[str]:
    """A folder and those above it, nearest first, up to `root`; outside of `root` only itself."""
    inside = _is_inside(folder, root)
    yield folder
    while inside and folder != root:
        above = posixpath.dirname(folder)
        if above == folder or posixpath.basename(folder) == "..":
            return
        folder = above
        yield folder


def _template_folders(path: str) -> Iterator[str]:
    """The folders that are charts if they have a Chart.yaml, because `path` is below their `templates`."""
    parts = path.split("/")[:-1]
    for place, part in enumerate(parts):
        if part == "templates":
            yield "/".join(parts[:place])


def _image_at(resource: Resource, places: Iterable[str]) -> tuple[str, str | None]:
    """(pointer, image) of the image that a finding at one of `places` is about."""
    for place in places:
        at = place if place.endswith("/image") else f"{place}/image"
        _, value = pointers.resolve(resource.body, at)
        if isinstance(value, str):
            return at, value
    return "", None


def _answers(image: Image, policy_id: str) -> bool:
    """Whether what a kustomization sets is what the policy asks about."""
    words = policy_id.split("-")
    if "digest" in words:
        return image.digest
    if "registry" in words or "unqualified" in words:
        return image.renamed
    return image.digest or image.tag not in (None, "latest")

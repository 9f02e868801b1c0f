"""What kustomizations say about files: which are patches, and what is set from outside.

Invariant: nothing is rendered. A kustomization is followed from the folders it is asked about to what it names, over
`read`; remote references are left alone.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bot.detect.placeholders import image_name
from bot.manifest import read as read_manifest
from bot.model import Json

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_GROUP = "kustomize.config.k8s.io/"
_FROM_ELSEWHERE = ("helmCharts", "helmChartInflationGenerator", "generators", "transformers")
"""Members that bring objects which no file of the tree holds, or change those that are there."""

Reader = Callable[[str], str | None]
"""The text of a file, None when there is none or it cannot be read."""


@dataclass(frozen=True, slots=True)
class Image:
    """An entry of `images`: what it sets for the images of that name.

    `pinned` is the image with its tag and digest as the entry makes it; empty when it sets neither of them as a text.
    """

    name: str
    renamed: bool
    tag: str | None
    digest: bool
    pinned: str = ""


@dataclass(frozen=True, slots=True)
class Kustomization:
    """A kustomization or component; `resources`, `components` and `patches` are paths, of files or folders.

    `component`: it is made to be added to others. `remote`: it also takes objects from where nobody looks (an address,
    a chart, a plugin). `made`: (kind, name) of the ConfigMaps and Secrets that it generates.
    """

    path: str
    resources: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    patches: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    namespace: str | None = None
    replicas: frozenset[str] = frozenset()
    remote: bool = False
    component: bool = False
    made: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Builds:
    """What the kustomizations of a run do to files.

    `patches`: by file, the kustomization that uses it as a patch, unless another one lists it as a resource. `files`
    and `applied`: by folder of a kustomization, what building it reads, and whose settings that build applies.
    `folders`: by file, the folders whose build reads it. `reached`: by folder, all kustomizations of its build.
    """

    patches: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, frozenset[str]] = field(default_factory=dict)
    applied: Mapping[str, tuple[Kustomization, ...]] = field(default_factory=dict)
    folders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reached: Mapping[str, tuple[Kustomization, ...]] = field(default_factory=dict)

    def settings(self, path: str) -> Iterator[Kustomization]:
        """The kustomizations and components whose images, namespace and replicas reach a file; some more than once."""
        for folder in self.folders.get(path, ()):
            yield from self.applied[folder]

    def together(self, path: str) -> frozenset[str]:
        """All files that some build reads with this one; empty when no kustomization lists it."""
        return frozenset().union(*(self.files[folder] for folder in self.folders.get(path, ())))


def join(folder: str, entry: str) -> str:
    """The path that `entry`, as written in a file of `folder`, means; the root is the empty path."""
    path = posixpath.normpath(posixpath.join(folder, entry))
    return "" if path == "." else path


def parse(path: str, text: str) -> Kustomization | None:
    """A kustomization file; None when it is none (a template, a Flux Kustomization)."""
    documents = [document.value for document in read_manifest(path, text).documents if document.value is not None]
    body = documents[0] if documents else None
    if not isinstance(body, dict) or not str(body.get("apiVersion") or _GROUP).startswith(_GROUP):
        return None
    folder = posixpath.dirname(path)
    namespace = body.get("namespace")
    replicas = (entry.get("name") for entry in _mappings(body.get("replicas")))
    return Kustomization(
        path,
        resources=_paths(folder, [*_texts(body.get("resources")), *_texts(body.get("bases"))]),
        components=_paths(folder, _texts(body.get("components"))),
        patches=_paths(folder, _patches(body)),
        images=tuple(_images(body)),
        namespace=namespace if isinstance(namespace, str) and namespace else None,
        replicas=frozenset(name for name in replicas if isinstance(name, str)),
        remote=_is_remote(body),
        component=body.get("kind") == "Component",
        made=frozenset(_made(body)),
    )


def _texts(value: Json) -> list[str]:
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []


def _mappings(value: Json) -> list[dict[str, Json]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _paths(folder: str, entries: Iterable[str]) -> tuple[str, ...]:
    """Local paths; addresses, and patches written in place, are left out."""
    return tuple(join(folder, entry) for entry in entries if entry and "\n" not in entry and not _is_address(entry))


def _is_address(entry: str) -> bool:
    return "://" in entry or "?ref=" in entry or entry.startswith(("git@", "github.com/"))


def _is_remote(body: dict[str, Json]) -> bool:
    named = (entry for key in ("resources", "bases", "components") for entry in _texts(body.get(key)))
    return any(body.get(key) for key in _FROM_ELSEWHERE) or any(map(_is_address, named))


def _made(body: dict[str, Json]) -> Iterator[tuple[str, str]]:
    for key, kind in (("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")):
        for entry in _mappings(body.get(key)):
            if isinstance(name := entry.get("name"), str):
                yield kind, name


def _patches(body: dict[str, Json]) -> Iterator[str]:
    for key in ("patches", "patchesStrategicMerge", "patchesJson6902"):
        yield from _texts(body.get(key))
        yield from (path for entry in _mappings(body.get(key)) if isinstance(path := entry.get("path"), str))


def _images(body: dict[str, Json]) -> Iterator[Image]:
    for entry in _mappings(body.get("images")) + _mappings(body.get("imageTags")):
        name, tag = entry.get("name"), entry.get("newTag")
        if isinstance(name, str):
            yield Image(
                image_name(name),
                bool(entry.get("newName")),
                str(tag) if isinstance(tag, (str, int, float)) and tag != "" else None,
                bool(entry.get("digest")),
                _pinned(name, entry),
            )


def _pinned(name: str, entry: dict[str, Json]) -> str:
    """The reference that an entry makes; a number is no tag, since 1.10 reads as 1.1."""
    new, tag, digest = entry.get("newName"), entry.get("newTag"), entry.get("digest")
    made = new if isinstance(new, str) and new else image_name(name)
    made += f":{tag}" if isinstance(tag, str) and tag else ""
    made += f"@{digest}" if isinstance(digest, str) and digest else ""
    return made if made not in (new, image_name(name)) else ""


def gather(folders: Iterable[str], read: Reader) -> dict[str, Kustomization]:
    """The kustomizations in `folders` and those they name, by folder."""
    found: dict[str, Kustomization] = {}
    asked: set[str] = set()
    pending = list(folders)
    while pending:
        folder = pending.pop()
        if folder in asked:
            continue
        asked.add(folder)
        kustomization = _in_folder(folder, read)
        if kustomization is not None:
            found[folder] = kustomization
            named = (*kustomization.resources, *kustomization.components)
            pending += [path for path in named if not path.endswith((".yaml", ".yml", ".json"))]
    return found


def _in_folder(folder: str, read: Reader) -> Kustomization | None:
    for name in NAMES:
        path = posixpath.join(folder, name)
        text = read(path)
        if text is not None:
            return parse(path, text)
    return None


def trace(kustomizations: Mapping[str, Kustomization]) -> Builds:
    """Follow what each kustomization names, and turn it around."""
    built = {folder: _reach(folder, kustomizations) for folder in sorted(kustomizations)}
    files = {folder: paths for folder, (paths, _) in built.items()}
    folders: dict[str, tuple[str, ...]] = {}
    for folder, paths in files.items():
        for path in paths:
            folders[path] = (*folders.get(path, ()), folder)
    patches: dict[str, str] = {}
    for folder in files:
        for path in kustomizations[folder].patches:
            if path not in folders:
                patches.setdefault(path, kustomizations[folder].path)
    applied = {
        folder: (kustomizations[folder], *_components(kustomizations[folder], kustomizations)) for folder in files
    }
    reached = {folder: tuple(kustomizations[each] for each in seen) for folder, (_, seen) in built.items()}
    return Builds(patches, files, applied, folders, reached)


def _reach(folder: str, kustomizations: Mapping[str, Kustomization]) -> tuple[frozenset[str], list[str]]:
    """(files that building `folder` reads as resources, folders of the kustomizations on the way)."""
    files: set[str] = set()
    seen: dict[str, None] = {}
    pending = [folder]
    while pending:
        current = pending.pop()
        if current in seen:
            continue
        seen[current] = None
        for path in (*kustomizations[current].resources, *kustomizations[current].components):
            if path in kustomizations:
                pending.append(path)
            else:
                files.add(path)
    return frozenset(files), list(seen)


def _components(kustomization: Kustomization, kustomizations: Mapping[str, Kustomization]) -> list[Kustomization]:
    found: list[Kustomization] = []
    pending = list(kustomization.components)
    while pending:
        component = kustomizations.get(pending.pop())
        if component is not None and component not in found:
            found.append(component)
            pending += component.components
    return found

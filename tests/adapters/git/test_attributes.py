"""What .gitattributes of the head say."""

from __future__ import annotations

from pathlib import Path

from bot.adapters.git import Repository
from tests.adapters.git.material import Work, git


def marks(work: Work, base: str, head: str) -> dict[str, tuple[bool, bool, bool]]:
    """By path: generated, binary, whether there are hunks."""
    with Repository(work.root) as repository:
        return {each.path: (each.generated, each.binary, bool(each.hunks)) for each in repository.diff(base, head)}


PLAIN = (False, False, True)
GENERATED = (True, False, True)
HIDDEN = (False, True, False)


def test_marked(tmp_path: Path) -> None:
    work = Work(tmp_path / "r")
    base = work.commit()
    head = work.commit(
        {
            ".gitattributes": (
                b"[attr]made linguist-generated -diff\n"
                b"gen/** linguist-generated\n"
                b"gen/by-hand.yaml -linguist-generated\n"
                b"gen/false.yaml linguist-generated=false\n"
                b"gen/unset.yaml !linguist-generated\n"
                b"true.yaml linguist-generated=true\n"
                b"hidden.yaml -diff\n"
                b"binary.yaml binary\n"
                b"driver.yaml diff=yaml\n"
                b"text.yaml diff\n"
                b"macro.yaml made\n"
                b'"odd\\nname.yaml" linguist-generated\n'
            ),
            "a.yaml": b"1\n",
            "gen/a.yaml": b"1\n",
            "gen/deep/er/a.yaml": b"1\n",
            "gen/by-hand.yaml": b"1\n",
            "gen/false.yaml": b"1\n",
            "gen/unset.yaml": b"1\n",
            "true.yaml": b"1\n",
            "hidden.yaml": b"1\n",
            "binary.yaml": b"1\n",
            "driver.yaml": b"1\n",
            "text.yaml": b"1\n",
            "macro.yaml": b"1\n",
            "odd\nname.yaml": b"1\n",
            "sub/.gitattributes": b"here.yaml linguist-generated\n",
            "sub/here.yaml": b"1\n",
            "sub/deep/here.yaml": b"1\n",
            "here.yaml": b"1\n",
        }
    )
    assert marks(work, base, head) == {
        ".gitattributes": PLAIN,
        "a.yaml": PLAIN,
        "gen/a.yaml": GENERATED,
        "gen/deep/er/a.yaml": GENERATED,
        "gen/by-hand.yaml": PLAIN,
        "gen/false.yaml": PLAIN,
        "gen/unset.yaml": PLAIN,
        "true.yaml": GENERATED,
        "hidden.yaml": HIDDEN,
        "binary.yaml": HIDDEN,
        "driver.yaml": PLAIN,
        "text.yaml": PLAIN,
        "macro.yaml": (True, True, False),
        "odd\nname.yaml": GENERATED,
        "sub/.gitattributes": PLAIN,
        "sub/here.yaml": GENERATED,
        "sub/deep/here.yaml": GENERATED,
        "here.yaml": PLAIN,
    }


def test_those_of_the_head_count(tmp_path: Path) -> None:
    """Not those of the base, of the working tree, of the index, of .git/info, or behind a link."""
    work = Work(tmp_path / "r")
    base = work.commit({".gitattributes": b"* -diff\n", "gone.yaml": b"1\n", "d/a.yaml": b"1\n"})
    head = work.commit({".gitattributes": None, "gone.yaml": None, "a.yaml": b"new\n", "d/a.yaml": b"2\n"})
    (work.root / "d/.gitattributes").symlink_to("../hidden")
    linked = work.commit({"hidden": b"* -diff linguist-generated\n"})
    work.put(
        {".gitattributes": b"* linguist-generated -diff\n", ".git/info/attributes": b"* linguist-generated -diff\n"}
    )
    git(work.root, "add", "-A")
    assert marks(work, base, head)["a.yaml"] == PLAIN
    assert marks(work, base, head)["d/a.yaml"] == PLAIN
    assert marks(work, base, head)["gone.yaml"] == PLAIN
    assert marks(work, base, linked)["d/a.yaml"] == PLAIN


def test_one_commit_after_another(tmp_path: Path) -> None:
    work = Work(tmp_path / "r")
    base = work.commit()
    first = work.commit({"d/.gitattributes": b"* linguist-generated\n", "d/a.yaml": b"1\n"})
    second = work.commit(
        {"d/.gitattributes": None, "b.yaml": b"1\n", "d/a.yaml": b"2\n", ".gitattributes": b"b* -diff\n"}
    )
    with Repository(work.root) as repository:
        found = [
            {
                each.path: (each.generated, each.binary)
                for each in repository.diff(base, head)
                if each.path != ".gitattributes"
            }
            for head in (first, second)
        ]
    assert found == [
        {"d/.gitattributes": (True, False), "d/a.yaml": (True, False)},
        {"b.yaml": (False, True), "d/a.yaml": (False, False)},
    ]

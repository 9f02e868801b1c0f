"""Files: which ones a run looks at, their text, and writing one without ever leaving half of it.

`discover` finds them with `walk`, `gitignore` knows what to leave out, `text` reads and `write` writes. What cannot be
used is a Skip with its reason: nothing here waits for a pipe, leaves the repository by a link or raises for a file.
"""

from bot.adapters.files.discover import Discovery, InputFile, discover, manifests_in
from bot.adapters.files.text import MAX_SIZE, read_text
from bot.adapters.files.write import put_atomic, write_atomic
from bot.settings import repository_root

__all__ = [
    "MAX_SIZE",
    "Discovery",
    "InputFile",
    "discover",
    "manifests_in",
    "put_atomic",
    "read_text",
    "repository_root",
    "write_atomic",
]

"""Text to documents and back: reading, positions, pod specs, and the smallest text edits for a JSON Patch.

Everything here is a function of its arguments. No policy, no schema and no I/O lives here.
"""

from bot.manifest.reader import Document, Manifest, Problem, Resource, read, read_kept

__all__ = ["Document", "Manifest", "Problem", "Resource", "read", "read_kept"]

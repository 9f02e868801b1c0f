"""The records that travel between the stages, each with `load` and `dump` side by side.

`detections`, `patches`, `verified` and `schedule` are one module a file; the JSON schema beside each says the same for
other programs. Functions of their arguments: nothing here reads a manifest, a policy or the disk.
"""

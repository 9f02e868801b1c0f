"""What tools have recommended for containers, from the reports that a repository keeps: krr and goldilocks.

`model` is what they say, in one form; each tool has a module that reads its layout; `gather` finds the files.

Invariant: functions of texts. A file of another layout says nothing at all, and that it does is said aloud.
"""

"""Policies against resources: targets, findings, fingerprints, suppressions, what surrounds a file.

Nothing is proposed or changed here, and nothing is read from disk.
"""

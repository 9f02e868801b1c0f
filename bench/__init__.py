"""Measurements: start, scan beside other tools, editing, memory. `make bench`; each prints a table in Markdown.

Nothing here is a test: times are read by people, as ratios between commands that ran in turn on one machine.
"""

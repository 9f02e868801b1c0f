"""What a repository has accepted in the configuration files of other tools: one module a tool, each text to values.

`gather` reads the files at the root of a repository through a reader that is handed in; a module's `parse` says what
one text accepts, and what of it does not hold. `acceptance` is the data, `patterns` its names and paths.
"""

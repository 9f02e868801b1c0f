"""What each stage command does with one file and its records: between the pipeline and `bot.stages`.

Functions of their arguments: texts and records in, records out. Reading and writing is the command's.
"""

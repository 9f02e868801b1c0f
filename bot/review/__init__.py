"""What a pull request sees, without network: which lines may carry a comment, suggestions, comments, the summary.

Data in, data and Markdown out. Nothing here opens a connection or a file, or knows how GitHub is reached
(`bot.adapters.github`) and where a diff comes from (`bot.adapters.git`).
"""

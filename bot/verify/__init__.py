"""The safety questions asked about a fix, cheapest first, and their answers.

Here live the gates and the Protocol of an API server. No I/O, no clock; nothing here knows pull requests.
"""

"""The order in which verified fixes do the most good: data in, numbers out.

S = R * p / E[t] + w_explore * explore + alpha * wait + w_kev * kev; docs/scheduler.md explains every term. No file,
clock or randomness: feeds and histories come as text or as what was parsed of it, ages as numbers.
"""

from bot.rank.feeds import Feeds
from bot.rank.history import History
from bot.rank.model import Candidate, Ranked, Weights
from bot.rank.score import rank

__all__ = ["Candidate", "Feeds", "History", "Ranked", "Weights", "rank"]

"""What each operation does. Importing a module here registers its handlers."""

from tests.fakes.github.routes import comments, pulls, repos, reviews

__all__ = ["comments", "pulls", "repos", "reviews"]

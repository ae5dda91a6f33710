"""From lessons to everything generated from them.

EDITIONS                 learner, worked, grading, hints: an open registry
stale(root, files)       what on disk is not what the lessons give
write(root, files)       bring it up to date; an edited notebook is moved aside, never lost
"""

from sixrounds.editions.products import EDITIONS, Change, Edition, edition, stale, write

__all__ = ["EDITIONS", "Change", "Edition", "edition", "stale", "write"]

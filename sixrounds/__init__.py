"""Six Rounds: what a notebook needs at run time, and nothing heavier.

Importing this package must stay fast and free of optional dependencies: it runs in Colab.
"""

from sixrounds.placeholder import todo

__version__ = "0.1.0"
__all__ = ["__version__", "todo"]

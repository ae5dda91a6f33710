"""`python -m sixrounds` is the same as `sixrounds`."""

import sys

from sixrounds.cli import main

sys.exit(main())

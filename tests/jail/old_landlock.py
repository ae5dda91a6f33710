"""Run in place of `probes.inside`: the same attempts, where Landlock is older than it is here.

`python old_landlock.py VERSION RUNG`. The forks keep the server's user, as the instructor's do.
"""

import os
import sys

from sixrounds.grading.jail import landlock
from sixrounds.grading.jail.probes import inside

if __name__ == "__main__":
    version = int(sys.argv[1])
    landlock.version = lambda: version
    os.geteuid = lambda: os.getuid() or 1000
    inside.main(sys.argv[2])

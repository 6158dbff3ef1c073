"""The toy service of lamps as a process: `python -m tests.engine.toy_process`."""

import sys

from shared.engine.reporting import main
from tests.engine.toy import LAMPS

if __name__ == "__main__":
    sys.exit(main(LAMPS))

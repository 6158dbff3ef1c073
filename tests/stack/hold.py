"""`lotse up` with stand-in services: `python -m tests.stack.hold <institutions file> <control file>`."""

import asyncio
import sys
from pathlib import Path

from lotse.cli.out import tell_error
from lotse.cli.up import hold, tell_event
from lotse.errors import ExplainedError
from lotse.stack import Options

if __name__ == "__main__":
    options = Options(
        services=("intake", "recognition"),
        module="tests.stack.standin",
        institutions=Path(sys.argv[1]),
        control=Path(sys.argv[2]),
        tell=tell_event,
    )
    try:
        asyncio.run(hold(options))
    except ExplainedError as error:
        tell_error(error.de, error.en)
        sys.exit(1)

"""`python -m lotse` is the same as `lotse`."""

from lotse.cli import main

main()

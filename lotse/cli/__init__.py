"""The command line `lotse`: one module for each group of commands."""

from lotse.cli.app import main

__all__ = ["main"]

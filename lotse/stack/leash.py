"""Starts a program that dies with the process that started it; run as a file, before any import of the project.

Usage: `leash.py <parent process> <signal at its death> <user> <group> <program> <argument> …`. The program takes the
place of this process, so the process number stays. User and group `-1` mean: the same as now. The kernel's order
(`prctl(2)`, PR_SET_PDEATHSIG) is lost when a process changes its user, therefore the user comes first; it is kept
over `exec`. Where the kernel has no such order (not Linux), the program starts without.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Gives up rights, asks for the signal, and becomes the program."""
    parent, signal, user, group = (int(argument) for argument in sys.argv[1:5])
    program = sys.argv[5:]
    if user >= 0:
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)  # the parent died before the order was given
    os.execv(program[0], program)


if __name__ == "__main__":
    main()

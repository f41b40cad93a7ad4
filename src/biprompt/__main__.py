"""`python -m biprompt` is the same as the command `biprompt`."""

from __future__ import annotations

import sys

from biprompt.cli import main

if __name__ == "__main__":
    sys.exit(main())

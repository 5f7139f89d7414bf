"""``python -m ip_commands.boards.raspberry_pi``: the command line ``ip-commands``."""

import sys

from ip_commands.boards.raspberry_pi.cli import main

if __name__ == "__main__":
    sys.exit(main())

"""``python -m ip_commands.boards.raspberry_pi``: listen for IP Commands, or send one."""

import sys

from ip_commands.boards.raspberry_pi.cli import main

if __name__ == "__main__":
    sys.exit(main())

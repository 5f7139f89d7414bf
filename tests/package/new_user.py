"""Do what a new user does, in a new environment per Python: ``python -m tests.package.new_user``.

The arguments are Pythons (a name on PATH or a path each; none: the one that runs this). Installs
from the package index, so it takes minutes and is not part of the suite; ``test_as_a_user.py``
does the same with what is installed already.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.package import users_folder
from tests.package.build_and_look import build

SAYS_THE_EXTRA = "the extra 'sim' brings them: pip install"


def run(*command: str | Path, cwd: Path, says: str = "", fails: bool = False) -> None:
    """Run one command and show it. Raises RuntimeError if it does not end and say as expected."""
    print("  $", " ".join(map(str, command)), flush=True)
    done = subprocess.run(
        command,
        cwd=cwd,
        env=users_folder.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    last = done.stdout.strip().rpartition("\n")[2]
    print("   ", last, flush=True)
    if (done.returncode != 0) != fails or says not in done.stdout:
        raise RuntimeError(f"it ended with {done.returncode} and said:\n{done.stdout}")


def try_bare(python: str, wheel: Path, folder: Path) -> None:
    """Install the wheel and nothing else: what is missing has to be named."""
    run(python, "-m", "venv", "bare", cwd=folder)
    commands = folder / "bare" / "bin"
    run(commands / "python", "-m", "pip", "-q", "install", "--no-deps", wheel, cwd=folder)
    run(commands / "host-sim", "--version", cwd=folder, says="host-sim ")
    run(commands / "ip-commands", "--version", cwd=folder, says="ip-commands ")
    run(commands / "host-sim", "advise", cwd=folder, says="mAh a day")
    run(commands / "host-sim", "demo", cwd=folder, says=SAYS_THE_EXTRA, fails=True)


def try_with_tests(python: str, wheel: Path, folder: Path) -> None:
    """Install the extra ``test``, then run and type-check a user's repository."""
    run(python, "-m", "venv", "full", cwd=folder)
    commands = folder / "full" / "bin"
    wanted = f"supersim-ip-commands[test] @ {wheel.as_uri()}"
    run(commands / "python", "-m", "pip", "-q", "install", wanted, "mypy", cwd=folder)
    repository = folder / "repository"
    users_folder.lay_out(repository)
    run(commands / "pytest", "-q", cwd=repository, says=" passed")
    run(commands / "python", "-m", "pytest", "-q", cwd=repository, says=" passed")
    run(commands / "mypy", "--strict", "tests", cwd=repository, says="no issues found")


def main(pythons: list[str]) -> int:
    """Try each Python; return the exit status."""
    failed = []
    with tempfile.TemporaryDirectory() as temporary:
        wheel, _ = build(Path(temporary))
        for number, python in enumerate(pythons or [sys.executable]):
            for attempt in (try_bare, try_with_tests):
                print(f"{python}: {attempt.__name__}", flush=True)
                folder = Path(temporary) / f"{number}-{attempt.__name__}"
                folder.mkdir()
                try:
                    attempt(python, wheel, folder)
                except (RuntimeError, OSError) as error:
                    print(f"!! {error}", file=sys.stderr, flush=True)
                    failed.append(f"{python} {attempt.__name__}")
    print("failed: " + ", ".join(failed) if failed else "a new user gets what was promised")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

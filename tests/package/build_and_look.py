"""Build wheel and source archive and look into them: ``python -m tests.package.build_and_look``.

With a folder as argument the files are left there, otherwise they are thrown away.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.import_graph import ROOT
from tests.package import distributions


def build(folder: Path) -> tuple[Path, Path]:
    """Build both into a folder, the wheel out of the source archive; return wheel and archive.

    Raises RuntimeError with all that the build said.
    """
    # without isolation: the backend of the virtual environment is used and nothing is downloaded
    run("build", "--no-isolation", "--outdir", str(folder), str(ROOT))
    stem = distributions.STEM
    return folder / f"{stem}-py3-none-any.whl", folder / f"{stem}.tar.gz"


def run(module: str, *arguments: str) -> None:
    """Run ``python -m module``. Raises RuntimeError with what it said if it fails."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{module} {' '.join(arguments)} failed:\n{done.stdout}")


def look_into(wheel: Path, source: Path) -> list[str]:
    """Return what is wrong in both, each sentence with the name of the file."""
    page = distributions.read_metadata(wheel).get_payload()
    return [
        *(f"{wheel.name}: {wrong}" for wrong in distributions.wrong_in_wheel(wheel)),
        *(f"{source.name}: {wrong}" for wrong in distributions.wrong_in_source(source)),
        *(f"README.md on an index: {wrong}" for wrong in distributions.wrong_on_the_page(page)),
    ]


def main(arguments: list[str]) -> int:
    """Build, check and report; return the exit status."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(arguments[0] if arguments else temporary)
        try:
            wheel, source = build(folder)
            run("twine", "check", "--strict", str(wheel), str(source))
        except RuntimeError as failed:
            print(failed, file=sys.stderr)
            return 1
        wrongs = look_into(wheel, source)
        for wrong in wrongs:
            print(wrong, file=sys.stderr)
        if arguments and not wrongs:
            print(f"{wheel}\n{source}")
    return 1 if wrongs else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

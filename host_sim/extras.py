"""What of the optional extras is not installed, said so that one command brings it.

Whoever needs a library asks ``require`` first. It looks and imports nothing, so an ImportError
from inside an installed library shows itself as it is. Imports nothing of ours.
"""

import importlib.util
import json
import shlex
import urllib.parse
import urllib.request

DISTRIBUTION = "supersim-ip-commands"

EXTRAS = {
    "aiohttp": "sim",
    "rich": "sim",
    "matplotlib": "plot",
    "pytest_asyncio": "test",
}
"""Which extra brings a module; pyproject.toml, ``project.optional-dependencies``."""


class MissingExtra(ImportError):
    """An optional library is not installed; the message names its extra and how to get it."""


def require(*modules: str) -> None:
    """Look for modules that are named in ``EXTRAS``.

    Put the one of the widest extra last: ``plot`` and ``test`` bring ``sim``. Raises MissingExtra.
    """
    missing = [module for module in modules if importlib.util.find_spec(module) is None]
    if missing:
        extra = EXTRAS[missing[-1]]
        names = " and ".join(module.replace("_", "-") for module in missing)
        are, them = ("is", "it") if len(missing) == 1 else ("are", "them")
        raise MissingExtra(
            f"{names} {are} not installed, the extra {extra!r} brings {them}: "
            f"{how_to_install(extra)}",
            name=missing[0],
        )


def how_to_install(extra: str) -> str:
    """Return the command that installs an extra from where this installation came from.

    pip notes the origin of what it did not find by name (PEP 610): a file, a folder, a repository.
    """
    from importlib import metadata  # slow to import, and seldom needed

    try:
        noted = metadata.distribution(DISTRIBUTION).read_text("direct_url.json")
    except metadata.PackageNotFoundError:  # a copy of the files, nothing installed
        return f"install {DISTRIBUTION} with [{extra}] behind its name"
    origin = json.loads(noted) if noted else {}
    url = origin.get("url")
    if not url:  # found by name
        return f"pip install {shlex.quote(f'{DISTRIBUTION}[{extra}]')}"
    if origin.get("dir_info", {}).get("editable"):
        path = urllib.request.url2pathname(urllib.parse.urlsplit(url).path)
        return f"pip install --editable {shlex.quote(f'{path}[{extra}]')}"
    if repository := origin.get("vcs_info"):
        revision = repository.get("requested_revision") or repository["commit_id"]
        # noted as git was given it, with its blanks; pip 23 refuses git+file:// without a host
        url = urllib.parse.quote(url, safe="%/:@").replace("file:///", "file://localhost/", 1)
        url = f"{repository['vcs']}+{url}@{revision}"
    return f"pip install {shlex.quote(f'{DISTRIBUTION}[{extra}] @ {url}')}"

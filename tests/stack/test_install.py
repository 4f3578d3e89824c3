"""What is installed: pinned, hashed, complete, and naming no place to get it from."""

import json
import re

import pytest

from stack import install
from stack.options import ROOT

LOCK = json.loads((ROOT / "assets" / "package-lock.json").read_text())["packages"]
NATIVE = ["@tailwindcss/oxide", "lightningcss", "@parcel/watcher"]
REQUIREMENTS = sorted((ROOT / "requirements").glob("*.txt"))


def test_the_lock_file_has_a_hash_for_every_package():
    # Packages inside another package's archive are covered by that one's hash.
    unhashed = [
        name
        for name, package in LOCK.items()
        if name and "integrity" not in package and not package.get("inBundle")
    ]

    assert unhashed == []


def test_the_lock_file_names_no_place():
    text = (ROOT / "assets" / "package-lock.json").read_text()

    assert re.findall(r'\w+://[^"]*|"resolved"', text) == []


@pytest.mark.parametrize("name", NATIVE)
def test_the_lock_file_has_every_platform_of_a_native_package(name):
    wanted = LOCK[f"node_modules/{name}"]["optionalDependencies"]

    assert {f"node_modules/{one}" for one in wanted} <= LOCK.keys()
    for platform in ("linux-x64", "linux-arm64", "darwin-arm64", "darwin-x64"):
        assert any(platform in one for one in wanted)


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_requirements_are_pinned_and_hashed_and_name_no_place(path):
    entries = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", path.read_text(), flags=re.M).strip())

    assert entries
    for entry in entries:
        assert re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+", entry, re.I), entry
        assert "--hash=sha256:" in entry, entry
        assert "://" not in entry, entry


def test_a_change_of_a_template_asks_for_another_build(tmp_path, monkeypatch):
    monkeypatch.setattr(install, "ROOT", tmp_path)
    page = tmp_path / "templates" / "console" / "home.html"
    page.parent.mkdir(parents=True)
    page.write_text("<p class='text-lg'>")

    before = install.assets_hash()
    unchanged = install.assets_hash()
    page.write_text("<p class='text-xl'>")

    assert before == unchanged
    assert install.assets_hash() != before


def test_what_is_installed_is_not_installed_again(tmp_path, monkeypatch):
    installed = []
    (tmp_path / "requirements").mkdir()
    for name in ("test", "embedded"):
        (tmp_path / "requirements" / f"{name}.txt").write_text(f"# {name} 1")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    monkeypatch.setattr(install, "ROOT", tmp_path)
    monkeypatch.setattr(install, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(install, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(install, "_succeeds", lambda _command: True)
    monkeypatch.setattr(install, "_install", lambda path: installed.append(path.stem))
    install.PYTHON.touch()

    install.ensure_packages("embedded")
    install.ensure_packages("embedded")
    install.ensure_packages("test")
    install.ensure_packages("embedded")  # Contained in what is there.
    (tmp_path / "requirements" / "embedded.txt").write_text("# embedded 2")
    install.ensure_packages("embedded")

    assert installed == ["embedded", "test", "embedded"]

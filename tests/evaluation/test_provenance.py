from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from biprompt.evaluation.provenance import code_digest, commit, data_digest, run_facts

GIT = ("git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "src"
    folder.mkdir()
    (folder / "__init__.py").write_text("x = 1\n")
    return folder


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run([*GIT, "-C", folder, *arguments], check=True, capture_output=True)
    return done.stdout.decode().strip()


def test_the_commit_and_whether_files_differ_from_it(package: Path) -> None:
    git(package, "init", "-q")
    assert commit(package) is None  # not tracked: installed inside somebody's repository
    git(package, "add", ".")
    git(package, "commit", "-q", "-m", "one")
    head = git(package, "rev-parse", "HEAD")
    assert commit(package) == head
    (package.parent / "elsewhere.txt").touch()
    assert commit(package) == head
    (package / "__init__.py").write_text("x = 2\n")
    assert commit(package) == f"{head} + changes"


def test_no_repository_is_no_commit(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(package.parent))
    assert commit(package) is None
    monkeypatch.setenv("PATH", "")
    assert commit(package) is None


def test_the_code_digest_follows_names_and_content(package: Path) -> None:
    digests = {code_digest(package)}
    for name, content in (("a.py", "1"), ("a.py", "2"), ("b.onnx", "2")):
        code_digest.cache_clear()
        (package / name).write_text(content)
        digests.add(code_digest(package))
    assert len(digests) == 4
    code_digest.cache_clear()
    (package / "a.pyc").touch()
    assert code_digest(package) in digests
    code_digest.cache_clear()


def test_the_data_digest_is_that_of_the_annotations(tmp_path: Path) -> None:
    assert data_digest(tmp_path) == ""
    (tmp_path / "annotations.json").write_text("{}")
    assert len(data_digest(tmp_path)) == 16


def test_run_facts_name_command_machine_and_versions() -> None:
    facts = run_facts("biprompt evaluate accuracy")
    assert facts["command"] == "biprompt evaluate accuracy"
    assert {"date", "commit", "machine", "python", "version"} <= set(facts)
    assert "numpy" in facts["packages"]

"""What only a process of its own can show: imports, pipes, signals, terminals, completion."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import biprompt

HEAVY = ("torch", "onnxruntime", "scipy", "PIL", "numpy", "rich")
COMMANDS = ("segment", "label", "models", "doctor", "train")


def python(*arguments: str, **more) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=120, **more
    )


@pytest.mark.parametrize(
    "arguments", [[], *([command, "--help"] for command in COMMANDS), ["--help"], ["--version"]]
)
def test_a_quick_answer_imports_nothing_heavy(arguments):
    code = (
        "import sys; from biprompt.cli import main; status = main(sys.argv[1:]);"
        f"print([name for name in {HEAVY} if name in sys.modules]); sys.exit(status)"
    )
    result = python("-c", code, *arguments)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "[]"


def test_import_biprompt_imports_nothing_heavy():
    code = f"import biprompt, sys; print([n for n in {HEAVY} if n in sys.modules])"
    assert python("-c", code).stdout == "[]\n"


def test_version():
    result = python("-m", "biprompt", "--version")
    assert result.stdout == f"biprompt {biprompt.__version__}\n"


def test_a_wrong_option_in_a_process_of_its_own():
    result = python("-m", "biprompt", "segment", "x.jpg", "--colour", "red")
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1


def test_a_closed_pipe_is_quiet():
    read, write = os.pipe()
    os.close(read)
    process = subprocess.Popen(
        [sys.executable, "-m", "biprompt", "--help"],
        stdout=write, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    os.close(write)
    _, errors = process.communicate(timeout=60)
    assert errors == ""
    assert process.returncode == 1


def test_a_file_name_the_terminal_cannot_show():
    result = python(
        "-m", "biprompt", "segment", "x.jpg", "--point", "1,1", "-o", "caf\u00e9\udcff/m.png",
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert "caf\\xe9" in result.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shell_completion(shell):
    words = {"COMP_WORDS": "biprompt mod", "COMP_CWORD": "1"}
    fish_or_zsh = {
        "_TYPER_COMPLETE_ARGS": "biprompt mod",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    environment = {**os.environ, **words, **fish_or_zsh, "_BIPROMPT_COMPLETE": f"complete_{shell}"}
    result = python("-m", "biprompt", env=environment)
    assert "models" in result.stdout
    assert "doctor" not in result.stdout


def test_an_interrupt_ends_with_130():
    code = (
        "import os, signal, time, biprompt; from biprompt.cli import main;"
        # A shell that starts the tests in the background leaves interrupts ignored.
        "signal.signal(signal.SIGINT, signal.default_int_handler);"
        # Another thread may take the signal, so it arrives a moment later.
        "biprompt.load = lambda *a, **k: (os.kill(os.getpid(), signal.SIGINT), time.sleep(9));"
        "raise SystemExit(main(['segment', 'x.jpg', '--point', '1,1']))"
    )
    result = python("-c", code)
    assert result.returncode == 130
    assert result.stderr == "biprompt: interrupted\n"

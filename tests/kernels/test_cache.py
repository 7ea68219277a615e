"""The cache of kernels: never stale, never half written, never from a folder that others can write to."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from spikelab_kernels import cache
from spikelab_kernels.cache import CacheError, cache_folder, check_folder, flatten, load_text

POSIX = os.name == "posix"
JIT_IS_OFF = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder of this test alone."""
    path = tmp_path / "cache"
    monkeypatch.setenv("SPIKELAB_CACHE_DIR", str(path))
    return path


@pytest.fixture(autouse=True)
def forget() -> Iterator[Callable[[], None]]:
    """Forget the modules of this test, as a new process would; done after it in any case."""
    before = set(sys.modules)

    def drop() -> None:
        for name in [name for name in sys.modules if name.startswith("spikelab_generated_")]:
            if name not in before:
                del sys.modules[name]

    yield drop
    drop()


def python(code: str, folder: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "SPIKELAB_CACHE_DIR": str(folder)}
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code],
        text=True, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def output_of(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out.strip()


def test_the_same_text_is_one_module(folder):
    text = "VALUE = 7\n"
    module = load_text("one", text)
    assert module.VALUE == 7
    assert load_text("one", text) is module
    assert load_text("one", text + "VALUE += 1\n").VALUE == 8
    assert load_text("two", text) is not module
    names = sorted(path.name for path in folder.glob("*.py"))
    assert [re.sub("_[0-9a-f]{20}", "", name) for name in names] == ["one.py", "one.py", "two.py"]
    assert not list(folder.glob("*.tmp"))


@pytest.mark.parametrize("altered", [b"VALUE = 666\n", b"", b"\xff\xfe\x00", b"VALUE = (\n"])
def test_an_altered_file_is_repaired(folder, forget, altered):
    text = "VALUE = 'as written'\n"
    path = Path(str(load_text("altered", text).__file__))
    path.write_bytes(altered)
    forget()
    assert load_text("altered", text).VALUE == "as written"
    assert path.read_text(encoding="utf-8") == text


def test_a_module_that_fails_is_not_kept(folder):
    text = "raise RuntimeError('broken')\n"
    for _ in range(2):  # and fails again, where half a module would be handed out
        with pytest.raises(RuntimeError, match="broken"):
            load_text("broken", text)


def test_threads_never_see_half_a_module(folder, forget):
    text = "TOTAL = 0\nfor i in range(200_000):\n    TOTAL += i\nDONE = True\n"
    workers = 4
    for turn in range(3):
        start = Barrier(workers)

        def load(start: Barrier = start, turn: int = turn) -> bool:
            start.wait()
            return bool(load_text("threads", f"{text}# {turn}\n").DONE)

        with ThreadPoolExecutor(workers) as pool:
            assert all(future.result() for future in [pool.submit(load) for _ in range(workers)])


def test_the_folder_is_the_chosen_one_or_the_users(monkeypatch, tmp_path):
    monkeypatch.setenv("SPIKELAB_CACHE_DIR", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("SPIKELAB_CACHE_DIR")
    assert "spikelab" in str(cache_folder())


def assert_says(error: CacheError, folder: Path, need: str, remedy: str) -> None:
    assert (error.owner, error.parameter, error.value) == ("cache", "SPIKELAB_CACHE_DIR", str(folder))
    assert need in error.need
    assert remedy in error.remedy
    assert str(error).startswith("cache(SPIKELAB_CACHE_DIR=")


def test_a_folder_that_cannot_be_made_is_refused(tmp_path, monkeypatch):
    # Below a regular file: refused to everyone, the superuser included.
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    folder = tmp_path / "file" / "cache"
    monkeypatch.setenv("SPIKELAB_CACHE_DIR", str(folder))
    with pytest.raises(CacheError) as caught:
        load_text("nowhere", "VALUE = 1\n")
    assert_says(caught.value, folder, "be writable (", "Set SPIKELAB_CACHE_DIR to a folder of your own")


def test_a_read_only_folder_is_refused(tmp_path, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(cache.tempfile, "TemporaryFile", refuse)
    with pytest.raises(CacheError) as caught:
        check_folder(tmp_path)
    need = "be writable (Permission denied)"
    assert_says(caught.value, tmp_path, need, "Set SPIKELAB_CACHE_DIR to a folder of your own")


@pytest.mark.skipif(not POSIX, reason="permission bits are POSIX")
@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777, 0o1777])
def test_a_folder_that_others_can_write_to_is_refused(tmp_path, monkeypatch, mode):
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(mode)
    monkeypatch.setenv("SPIKELAB_CACHE_DIR", str(folder))
    with pytest.raises(CacheError) as caught:
        load_text("shared", "VALUE = 1\n")
    assert_says(caught.value, folder, "not be writable by other users", f"chmod go-w '{folder}'")
    assert not list(folder.iterdir())
    folder.chmod(0o700)
    assert load_text("shared", "VALUE = 1\n").VALUE == 1


@pytest.mark.skipif(not POSIX, reason="owners are POSIX")
def test_a_folder_of_another_user_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(cache.os, "getuid", lambda: tmp_path.stat().st_uid + 1)
    if tmp_path.stat().st_uid == 0:  # the superuser's folders are trusted
        assert check_folder(tmp_path) == tmp_path
        try:
            os.chown(tmp_path, 4321, -1)
        except PermissionError:
            pytest.skip("the owner cannot be changed here")
    with pytest.raises(CacheError) as caught:
        check_folder(tmp_path)
    assert_says(caught.value, tmp_path, "belong to you", "Set SPIKELAB_CACHE_DIR")


@pytest.mark.skipif(not POSIX, reason="permission bits are POSIX")
def test_a_new_folder_is_the_users_alone(folder):
    load_text("fresh", "VALUE = 1\n")
    assert folder.stat().st_mode & 0o777 == 0o700


# Kernels that call each other, in a folder that stands for the package.

HELPER = """\
from __future__ import annotations
from spikelab_kernels.cpu.base import CONSTANT

def helper(x):
    return x + CONSTANT
"""
KERNEL = """\
from __future__ import annotations

import numpy as np
from spikelab_kernels.cpu.helper import helper
from spikelab_kernels.cpu.base import CONSTANT

def kernel(x):
    return np.float64(helper(x) * CONSTANT)
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    cpu = tmp_path / "package" / "cpu"
    cpu.mkdir(parents=True)
    (cpu / "base.py").write_text("CONSTANT = 2\n", encoding="utf-8")
    (cpu / "helper.py").write_text(HELPER, encoding="utf-8")
    monkeypatch.setattr(cache, "_HERE", tmp_path / "package")
    return cpu


def test_a_flat_kernel_holds_each_helper_once(package, folder):
    text = flatten(KERNEL)
    assert "spikelab_kernels" not in text
    assert text.count("CONSTANT = 2") == 1
    assert text.count("from __future__") == 1
    assert text.index("CONSTANT = 2") < text.index("def helper") < text.index("def kernel")
    assert load_text("flat", text).kernel(3) == 10.0


def test_a_changed_helper_changes_the_module(package, folder):
    before = load_text("flat", flatten(KERNEL))
    (package / "base.py").write_text("CONSTANT = 3\n", encoding="utf-8")
    after = load_text("flat", flatten(KERNEL))
    assert (before.kernel(3), after.kernel(3)) == (10.0, 18.0)
    assert before.__file__ != after.__file__


def test_math_is_printed_into_the_kernel():
    text = flatten(
        "from spikelab_kernels.math import exp_f32, tanh_f32\nfrom spikelab_kernels.math import exp_f32\n"
    )
    assert "spikelab_kernels" not in text
    assert text.count("def exp_f32(") == text.count("def tanh_f32(") == 1


# A model in a file that is edited between processes.

MODEL = """\
def step(s, p, inp, rng):
    return s.next(v=s.v * 0.5 + {number}), s.v > 1.0
"""
RUN = """\
import sys
sys.path.insert(0, {place!r})
import numpy as np
import edited
from spikelab_kernels import dispatch
from spikelab_kernels.ir.declare import Model
from spikelab_kernels.ir.types import Type
from spikelab_kernels.population_spec import PopulationSpec

model = Model("edited", edited.step, {{"v": Type.REAL}}, {{}}, ())
bind = dispatch.backend("cpu").population_kernel(PopulationSpec(model, "float64", output="none"))
state = {{"v": np.zeros((1, 1))}}
run = bind(state, {{}}, np.zeros((0, 1)), np.zeros(1, np.uint64), np.zeros(1, np.uint64))
run(3, np.zeros((3, 1, 0, 1), np.int64), None, np.zeros(0, np.uint32), {{}}, None,
    np.zeros(1, np.uint32), 0, (0, 1, 0, 1))
print(state["v"][0, 0])
"""


def test_an_edited_model_recomputes_and_two_processes_may_start_at_once(tmp_path):
    folder, file = tmp_path / "cache", tmp_path / "edited.py"
    code = RUN.format(place=str(tmp_path))
    file.write_text(MODEL.format(number="1.0"), encoding="utf-8")
    both = [python(code, folder) for _ in range(2)]
    assert [output_of(process) for process in both] == ["1.75", "1.75"]
    times = file.stat().st_atime_ns, file.stat().st_mtime_ns
    file.write_text(MODEL.format(number="3.0"), encoding="utf-8")
    stamped_later = tuple(moment + 2_000_000_000 for moment in times)  # Python's own cache looks at seconds
    os.utime(file, ns=stamped_later)
    assert output_of(python(code, folder)) == "5.25"
    files = {path.name for path in folder.glob("edited_*.py")}
    assert len(files) == 2
    assert not list(folder.glob("*.tmp"))
    if not JIT_IS_OFF:
        compiled = {path.name.split(".")[0] + ".py" for path in folder.glob("__pycache__/*.nbi")}
        assert compiled == files

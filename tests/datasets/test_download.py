"""The downloader against a local server: what comes whole is kept, what does not leaves no trace."""

from __future__ import annotations

import errno
import gzip
import hashlib
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

import spikelab as sl
from spikelab.cli.main import cli
from spikelab.datasets import DownloadError, MissingDataError, download, fetch, registry
from spikelab.datasets.digest import content_digest
from spikelab.datasets.registry import DatasetEntry, KnownFile

FILES = {"a.txt": b"first file", "sub/b.bin": bytes(range(256)) * 40, "c.txt": b"third"}


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder; files under /cut/ promise more than they hold."""

    asked: list[str]

    def log_message(self, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if not self.path.startswith("/cut/"):
            super().do_GET()
            return
        content = Path(self.translate_path(self.path)).read_bytes()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content) + 1000))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def serving(folder: Path) -> Iterator[ThreadingHTTPServer]:
    handler = type("Quiet", (Handler,), {"asked": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder))) as httpd:
        httpd.asked = handler.asked
        httpd.folder = folder
        thread = threading.Thread(target=httpd.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield httpd
        finally:
            httpd.shutdown()
            thread.join()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ThreadingHTTPServer]:
    folder = tmp_path / "served"
    for name, content in FILES.items():
        for part in ("tiny", "cut"):
            (folder / part / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / part / name).write_bytes(content)
    with serving(folder) as httpd:
        yield httpd


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch, server: ThreadingHTTPServer, tmp_path: Path) -> DatasetEntry:
    """A data set of three files on the local server; its home is an empty folder."""
    use_mirrors = f"http://127.0.0.1:{server.server_port}/tiny/"
    entry = DatasetEntry("tiny", "Tiny", "CC0", "nowhere, commit 1", "three files", mirrors=(use_mirrors,))
    known = {name: KnownFile("bytes", hashlib.sha256(content).hexdigest()) for name, content in FILES.items()}
    monkeypatch.setattr(registry, "DATASETS", {"tiny": entry})
    monkeypatch.setattr(registry, "_known_files", lambda name: known)
    monkeypatch.setenv("SPIKELAB_DATA", str(tmp_path / "home"))
    monkeypatch.delenv("SPIKELAB_DATA_MIRROR", raising=False)
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    return entry


def held(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_everything_comes_and_a_second_call_asks_for_nothing(tiny, server, tmp_path):
    told = []
    report = fetch("tiny", progress=lambda done, total: told.append((done, total)))
    assert (report.fetched, report.present) == (3, 0)
    assert report.folder == tmp_path / "home" / "tiny"
    assert held(report.folder) == set(FILES)
    assert (report.folder / "sub/b.bin").read_bytes() == FILES["sub/b.bin"]
    assert told == [(1, 3), (2, 3), (3, 3)]
    asked = len(server.asked)
    report = fetch("tiny")
    assert (report.fetched, report.present) == (0, 3)
    assert len(server.asked) == asked


def test_only_what_is_missing_or_damaged_is_fetched(tiny, server, tmp_path):
    folder = tmp_path / "home" / "tiny"
    fetch("tiny")
    (folder / "a.txt").unlink()
    (folder / "c.txt").write_bytes(b"thir")
    server.asked.clear()
    report = fetch("tiny")
    assert (report.fetched, report.present) == (2, 1)
    assert sorted(server.asked) == ["/tiny/a.txt", "/tiny/c.txt"]
    assert fetch("tiny", force=True).fetched == 3


def test_a_file_that_is_another_is_refused_and_the_others_stay(tiny, server, tmp_path):
    (server.folder / "tiny/c.txt").write_bytes(b"another")
    with pytest.raises(DownloadError, match=r"c\.txt: came truncated or altered.*spikelab data fetch tiny"):
        fetch("tiny")
    folder = tmp_path / "home" / "tiny"
    assert "c.txt" not in held(folder)
    assert held(folder) <= set(FILES)
    (server.folder / "tiny/c.txt").write_bytes(FILES["c.txt"])
    assert fetch("tiny").fetched >= 1
    assert held(folder) == set(FILES)


def test_a_missing_file_is_named_with_the_answer(tiny, server):
    (server.folder / "tiny/a.txt").unlink()
    with pytest.raises(DownloadError, match=r"Tiny: a\.txt .*tiny/a\.txt: the server answered 404 "):
        fetch("tiny")


def test_a_connection_that_breaks_off_leaves_nothing(tiny, server, monkeypatch, tmp_path):
    base = f"http://127.0.0.1:{server.server_port}/cut/"
    monkeypatch.setattr(
        registry, "DATASETS", {"tiny": DatasetEntry("tiny", "Tiny", "", "", "", None, (base,))}
    )
    with pytest.raises(DownloadError, match=r"the connection broke off"):
        fetch("tiny")
    assert held(tmp_path / "home") == set()


def test_a_server_that_is_down_leaves_not_even_a_folder(tiny, server, monkeypatch, tmp_path):
    monkeypatch.setenv("SPIKELAB_DATA_MIRROR", "http://127.0.0.1:1")
    with pytest.raises(DownloadError, match=r"127\.0\.0\.1:1/tiny/.*: no connection to the server"):
        fetch("tiny")
    assert not (tmp_path / "home" / "tiny").exists()


def test_the_second_mirror_is_asked_where_the_first_fails(tiny, server, monkeypatch):
    root = f"http://127.0.0.1:{server.server_port}"
    entry = DatasetEntry("tiny", "Tiny", "", "", "", None, (f"{root}/gone/", f"{root}/tiny/"))
    monkeypatch.setattr(registry, "DATASETS", {"tiny": entry})
    assert fetch("tiny").fetched == 3


def test_a_folder_that_cannot_be_written_is_refused_before_the_first_byte(tiny, server, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    with pytest.raises(sl.ParameterError, match=r"dest must be a folder that can be written\. .*--dest"):
        fetch("tiny", blocked)
    assert server.asked == []


def test_a_read_only_folder_is_refused(tiny, monkeypatch):
    def refuse(**kwargs: object) -> str:  # the system's own answer; root would get none
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(download.tempfile, "mkdtemp", refuse)
    with pytest.raises(
        sl.ParameterError, match=r"dest must be a folder that can be written\. Permission denied"
    ):
        fetch("tiny")


def test_what_has_no_pinned_place_says_where_it_is():
    with pytest.raises(
        MissingDataError, match=r"N-MNIST cannot be downloaded\. Get Train\.zip .* Put it in "
    ):
        fetch("nmnist")


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(sl.ParameterError, match=r"name must be one of: fsdd, .*Did you mean 'smap_msl'\?"):
        fetch("smap")
    with pytest.raises(sl.ParameterError, match=r"This one comes with the package"):
        fetch("japanese_vowels")


def test_the_command_fetches_and_lists(tiny, server, monkeypatch, tmp_path):
    monkeypatch.setenv("SPIKELAB_DATA_MIRROR", f"http://127.0.0.1:{server.server_port}")
    answer = CliRunner().invoke(cli, ["data", "fetch", "tiny", "--dest", str(tmp_path / "other")])
    assert answer.exit_code == 0, answer.output
    assert "Tiny: 3 files downloaded, 0 were there and whole" in answer.output
    assert "Licence: CC0. Source: nowhere, commit 1." in answer.output
    assert held(tmp_path / "other" / "tiny") == set(FILES)
    (server.folder / "tiny/a.txt").unlink()
    answer = CliRunner().invoke(cli, ["data", "fetch", "tiny"])
    assert answer.exit_code == 1
    assert "404" in answer.output and "Traceback" not in answer.output
    answer = CliRunner().invoke(cli, ["data", "fetch", "tinny"])
    assert answer.exit_code == 2
    assert "Did you mean 'tiny'?" in answer.output


def test_the_list_names_every_set_its_licence_and_how_much_is_here(monkeypatch, tmp_path):
    (tmp_path / "fsdd" / "recordings").mkdir(parents=True)
    (tmp_path / "fsdd" / "recordings" / "0_lucas_0.wav").write_bytes(b"")
    monkeypatch.setenv("SPIKELAB_DATA", str(tmp_path))
    answer = CliRunner().invoke(cli, ["data", "list"])
    assert answer.exit_code == 0, answer.output
    assert "1 of 3,000" in answer.output
    for name in (*registry.DATASETS, "japanese_vowels", "demo", "CC BY-SA 4.0", "ODC-By 1.0"):
        assert name in answer.output


def test_the_list_bears_with_a_home_that_cannot_be_asked_after(monkeypatch):
    for place in ("/" + "x" * 5_000, "~nobody-of-this-name"):
        monkeypatch.setenv("SPIKELAB_DATA", place)
        answer = CliRunner().invoke(cli, ["data", "list"])
        assert answer.exit_code == 0 and "fsdd" in answer.output


def test_brackets_in_a_path_are_no_markup(monkeypatch):
    monkeypatch.setenv("SPIKELAB_DATA", "/[red]/[/x]")
    answer = CliRunner().invoke(cli, ["data", "list"])
    assert answer.exit_code == 0 and "Data sets under /[red]/[/x]" in answer.output


def test_sums_of_every_form_hold_for_what_counts_and_only_for_that(monkeypatch):
    entry = DatasetEntry("tiny", "Tiny", "", "", "")
    digest = partial(content_digest, entry)
    unpacked, words, header = (KnownFile(form, "") for form in ("unpacked", "words", "header"))
    assert digest(unpacked, gzip.compress(b"x", 1)) == digest(unpacked, gzip.compress(b"x", 9))
    assert digest(unpacked, gzip.compress(b"x")) != digest(unpacked, gzip.compress(b"y"))
    assert digest(unpacked, gzip.compress(b"x")[:-3]) == digest(unpacked, b"no gzip") == ""
    text = KnownFile("text", "")
    assert digest(text, b"1\r\n2\r\n") == digest(text, b"1\n2\n") == hashlib.sha256(b"1\n2\n").hexdigest()
    assert digest(words, b"1\r\n2\r\n") == digest(words, b"1 2") != digest(words, b"12")
    assert digest(header, b"# one\n100 2\n\n") == digest(header, b"100 2\n") != digest(header, b"100 3\n")
    labels = KnownFile("labels", "")
    monkeypatch.setattr(registry, "_known_files", lambda name: {"data/a.csv": labels})
    whole = json.dumps({"a.csv": [["1", "2"]], "b.csv": []}).encode()
    assert digest(labels, whole) == digest(labels, b'{"a.csv": [["1", "2"]]}')
    assert digest(labels, whole) != digest(labels, b'{"a.csv": [["1", "3"]]}')
    assert digest(labels, b'{"b.csv": []}') == digest(labels, b"{") == ""


@pytest.mark.parametrize("name", ["mitbih_100", "nab"])
def test_the_known_sums_are_those_of_the_published_files(name, dataset_folder, monkeypatch, tmp_path):
    """A mirror made of what is here: each file must come through its check."""
    with serving(dataset_folder(name).parent) as httpd:
        monkeypatch.setenv("SPIKELAB_DATA_MIRROR", f"http://127.0.0.1:{httpd.server_port}")
        report = fetch(name, tmp_path)
    assert report.fetched == len(registry.DATASETS[name].files) == {"mitbih_100": 3, "nab": 47}[name]

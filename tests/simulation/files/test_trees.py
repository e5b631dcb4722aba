"""Trees of files: in memory and in a folder, which behave alike."""

from collections.abc import Callable
from pathlib import Path

import pytest
from databricks_mcp_toolkit.simulation.files.trees import (
    FileTree,
    FolderFiles,
    MemoryFiles,
    clean_path,
    parents,
)


class Now:
    """A clock that a test sets."""

    ms = 1_766_000_000_000

    def __call__(self) -> int:
        return self.ms


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture(params=["memory", "folder"])
def files(request: pytest.FixtureRequest, tmp_path: Path, now: Now) -> FileTree:
    return MemoryFiles(now) if request.param == "memory" else FolderFiles(tmp_path / "files", now)


def test_what_is_written_is_read_whole_and_in_pieces(files: FileTree) -> None:
    files.write("/a/b/c.txt", b"0123456789")
    assert files.read("/a/b/c.txt") == b"0123456789"
    assert files.read("/a/b/c.txt", 2, 3) == b"234"
    assert files.read("/a/b/c.txt", 8, 100) == b"89"
    assert files.read("/a/b/c.txt", 100, 5) == b""
    files.append("/a/b/c.txt", b"AB")
    files.write("/a/b/d.txt", b"")
    assert files.read("/a/b/c.txt", 9) == b"9AB"


def test_entries_tell_of_files_and_folders_by_name(files: FileTree, now: Now) -> None:
    files.write("/a/z.txt", b"xyz")
    now.ms += 5_000
    files.mkdirs("/a/b")
    files.write("/a/c.txt", b"")
    folder, small, large = files.entries("/a")
    assert (folder.path, folder.name, folder.is_dir) == ("/a/b", "b", True)
    assert (small.path, small.size, small.modified) == ("/a/c.txt", 0, now.ms)
    assert (large.size, large.modified) == (3, now.ms - 5_000)
    assert files.stat("/a/z.txt") == large
    root = files.stat("/")
    assert root is not None
    assert root.is_dir
    assert [entry.path for entry in files.entries("/")] == ["/a"]


def test_deleting_takes_everything_below_and_nothing_is_fine(files: FileTree) -> None:
    files.write("/a/b/c", b"")
    files.write("/d", b"")
    files.delete("/a")
    files.delete("/a")
    assert files.stat("/a/b/c") is None
    assert files.stat("/d") is not None
    files.delete("/")
    assert files.entries("/") == []


def test_moving_takes_everything_along(files: FileTree) -> None:
    files.write("/a/b", b"1")
    files.move("/a", "/x/y")
    assert files.read("/x/y/b") == b"1"
    assert files.stat("/a") is None
    files.write("/z", b"")
    with pytest.raises(FileExistsError):
        files.move("/z", "/x/y")
    with pytest.raises(FileNotFoundError):
        files.move("/gone", "/there")


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (lambda files: files.read("/no"), FileNotFoundError),
        (lambda files: files.read("/folder"), IsADirectoryError),
        (lambda files: files.write("/folder", b""), IsADirectoryError),
        (lambda files: files.write("/file/below", b""), NotADirectoryError),
        (lambda files: files.append("/no", b""), FileNotFoundError),
        (lambda files: files.mkdirs("/file"), NotADirectoryError),
        (lambda files: files.mkdirs("/file/below"), NotADirectoryError),
        (lambda files: files.entries("/no"), FileNotFoundError),
        (lambda files: files.entries("/file"), NotADirectoryError),
    ],
)
def test_errors_are_pythons_own(
    act: Callable[[FileTree], object], error: type[OSError], files: FileTree
) -> None:
    files.mkdirs("/folder")
    files.write("/file", b"")
    assert files.stat("/file/below") is None
    with pytest.raises(error):
        act(files)


def test_a_folder_shows_what_others_put_there(tmp_path: Path, now: Now) -> None:
    """User code of a local engine writes to the same files."""
    files = FolderFiles(tmp_path, now)
    (tmp_path / "new.txt").write_bytes(b"hello")
    assert files.read("/new.txt") == b"hello"
    files.write("/ours.txt", b"hi")
    assert (tmp_path / "ours.txt").read_bytes() == b"hi"
    assert files.on_disk("/ours.txt") == tmp_path / "ours.txt"


@pytest.mark.parametrize(
    ("path", "clean"),
    [("/a//b/", "/a/b"), ("dbfs:/a", "/a"), ("/", "/"), ("/./a", "/a"), ("dbfs:///a", "/a")],
)
def test_paths_are_brought_to_one_form(path: str, clean: str) -> None:
    assert clean_path(path) == clean


@pytest.mark.parametrize("path", ["a/b", "", "/a/../b", "s3://a", "/.."])
def test_paths_that_are_not_absolute_or_climb_are_refused(path: str) -> None:
    with pytest.raises(ValueError, match="Path must"):
        clean_path(path)


def test_parents_begin_at_the_root() -> None:
    assert parents("/a/b/c") == ["/", "/a", "/a/b"]

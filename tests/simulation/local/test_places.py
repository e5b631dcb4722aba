"""Where Databricks' paths lie on this machine."""

from pathlib import Path

import pytest
from databricks_mcp_toolkit.simulation.local.places import Places, Unreachable


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("dbfs:/data/x.parquet", "dbfs/data/x.parquet"),
        ("/data/x.parquet", "dbfs/data/x.parquet"),
        ("dbfs:///data//x", "dbfs/data/x"),
        ("/dbfs/data/x", "dbfs/data/x"),
        ("data/x", "dbfs/data/x"),
        ("/Volumes/main/default/raw/x.csv", "volumes/main/default/raw/x.csv"),
        ("dbfs:/Volumes/main/default/raw", "volumes/main/default/raw"),
        ("/Workspace/Shared/x.py", "workspace/Shared/x.py"),
        ("/Volumesx", "dbfs/Volumesx"),
        ("/../../etc/passwd", "dbfs/etc/passwd"),
        ("/Volumes/../../x", "dbfs/x"),
    ],
)
def test_a_path_lies_in_its_folder_and_never_outside(
    places: Places, tmp_path: Path, path: str, place: str
) -> None:
    assert places.on_disk(path) == tmp_path / place


def test_a_file_path_is_this_machines_own(places: Places) -> None:
    assert places.on_disk("file:/etc/hosts") == Path("/etc/hosts")


@pytest.mark.parametrize("path", ["s3://b/x", "abfss://c@a/x", "gs://b", "https://h/x"])
def test_cloud_storage_is_out_of_reach(places: Places, path: str) -> None:
    with pytest.raises(Unreachable, match="cloud storage"):
        places.on_disk(path)


def test_a_place_has_its_uri(places: Places) -> None:
    assert places.uri(places.dbfs / "a" / "b") == "dbfs:/a/b"
    assert places.uri(places.dbfs) == "dbfs:/"
    assert places.uri(places.volumes / "c") == "dbfs:/Volumes/c"
    assert places.uri(Path("/etc/hosts")) == "file:/etc/hosts"

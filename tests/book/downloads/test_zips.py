"""The zips of the notebooks and of the vectors are whole, and the same every time."""

import zipfile

import pytest

from tools.downloads import zips
from tools.downloads.check import in_notebooks, in_vectors


@pytest.fixture(
    params=[
        (zips.write_notebooks, in_notebooks),
        (zips.write_vectors, in_vectors),
    ],
    ids=["notebooks", "vectors"],
)
def zipped(request, tmp_path):
    """The zip's files, and a function that packs some of them again and checks that."""
    write, check = request.param
    path = tmp_path / "a.zip"
    write(path)
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}

    def problems(files):
        zips.write(path, files)
        return list(check(path))

    return files, problems


@pytest.mark.parametrize("write", [zips.write_notebooks, zips.write_vectors])
def test_a_zip_has_the_same_bytes_every_time(write, tmp_path):
    """Made twice, byte by byte."""
    write(tmp_path / "a.zip")
    write(tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_the_zips_are_whole(zipped):
    """The check finds nothing in the real ones."""
    files, problems = zipped
    assert problems(files) == []


def test_a_file_that_a_zip_lacks_is_named(zipped):
    """Whichever it is: each stands there because a reader needs it."""
    files, problems = zipped
    for lost in files:
        found = problems({name: files[name] for name in files if name != lost})
        assert [each.split(" is missing")[0] for each in found] == [lost.partition("/")[2]]


def test_a_manifest_without_vectors_is_found(tmp_path):
    """It names nothing, so that nothing that it names is missing."""
    path = tmp_path / "a.zip"
    zips.write(path, {"a/LICENSE": b"", "a/manifest.json": b'{"vectors": []}'})
    assert list(in_vectors(path)) == ["no vector is there"]

"""Files to and from a Scope server: whole or not at all, piece by piece, and nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph.scope.errors import FileError, NotScope, ScopeError, ScopeUnreachable
from nodegraph.scope.rest import ScopeRest, files

URL = "http://127.0.0.1:8000"
PNG = {"name": "ref", "path": "/srv/ref.png"}


def fetch(response: httpx.Response, target: Path, told: list[object] | None = None) -> Path:
    async def main() -> Path:
        mock = httpx.MockTransport(lambda _: response)
        async with ScopeRest(URL, transport=mock) as rest:
            progress = None if told is None else lambda done, of: told.append((done, of))
            return await rest.fetch_recording("s", target, progress=progress)

    return asyncio.run(main())


def named(name: str) -> httpx.Response:
    return httpx.Response(200, content=b"film", headers={"content-disposition": name})


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ('attachment; filename="recording-20261120_233421.mp4"', "recording-20261120_233421.mp4"),
        ("attachment; filename*=utf-8''%C3%BCber.mp4", "über.mp4"),
        ('attachment; filename="../../.bashrc"', "bashrc"),
        ('attachment; filename="C:\\windows\\x.mp4"', "x.mp4"),
        ('attachment; filename="a%2F..%2Fb.mp4"', "b.mp4"),
        ("attachment", "s"),
        ('attachment; filename=".."', "scope-file"),
    ],
)
def test_a_file_in_a_folder_has_the_server_s_name_and_no_way_out(
    said: str, kept: str, tmp_path: Path
) -> None:
    folder = tmp_path / "films"
    folder.mkdir()
    assert fetch(named(said), folder) == folder / kept
    assert [path.name for path in folder.iterdir()] == [kept]
    assert list(tmp_path.iterdir()) == [folder]


def test_a_web_page_is_no_file(tmp_path: Path) -> None:
    """What a server without this endpoint answers with, and 200."""
    page = httpx.Response(200, html="<!doctype html>")
    with pytest.raises(NotScope, match="is a web page there"):
        fetch(page, tmp_path / "film.mp4")
    assert not [*tmp_path.iterdir()]


@given(st.text(max_size=30))
def test_no_name_leads_out_of_a_folder(name: str) -> None:
    header = b"attachment; filename=" + name.encode("utf-8", "replace")
    response = httpx.Response(
        200, headers=[(b"content-disposition", header)], request=httpx.Request("GET", URL)
    )
    kept = files._name(response)
    assert kept == Path(kept).name
    assert 0 < len(kept) <= 120


def test_what_is_there_is_replaced_only_if_it_was_named(tmp_path: Path) -> None:
    mine = tmp_path / "film.mp4"
    mine.write_bytes(b"mine")
    with pytest.raises(FileError, match="is there already"):
        fetch(named('attachment; filename="film.mp4"'), tmp_path)
    assert mine.read_bytes() == b"mine"
    assert fetch(named(""), mine) == mine
    assert mine.read_bytes() == b"film"


class Broken(httpx.AsyncByteStream):
    """Half a file."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield bytes(files.PIECE)
        raise httpx.ReadError("cable pulled")


def test_half_a_file_is_none(tmp_path: Path) -> None:
    target = tmp_path / "film.mp4"
    target.write_bytes(b"before")
    with pytest.raises(ScopeUnreachable):
        fetch(httpx.Response(200, stream=Broken()), target)
    assert target.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [target]


class Endless(httpx.AsyncByteStream):
    """A file without an end."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            yield bytes(1000)


def test_a_file_without_an_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST_FILE", 2 * files.PIECE)
    with pytest.raises(NotScope, match="no end"):
        fetch(httpx.Response(200, stream=Endless()), tmp_path / "film.mp4")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"film\.mp4 cannot be written: No such file"):
        fetch(named(""), tmp_path / "no" / "film.mp4")


def test_how_far_it_is_is_told(tmp_path: Path) -> None:
    told: list[object] = []
    fetch(httpx.Response(200, content=bytes(600_000)), tmp_path / "film", told)
    assert told == [(files.PIECE, 600_000), (2 * files.PIECE, 600_000), (600_000, 600_000)]
    told.clear()
    odd = httpx.Response(200, content=b"1", headers={"content-length": "9" * 5000})
    fetch(odd, tmp_path / "film", told)
    assert told == [(1, None)]


def upload(path: Path, seen: list[bytes], meddle: Path | None = None) -> httpx.Request:
    requests: list[httpx.Request] = []

    async def handle(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        assert isinstance(request.stream, httpx.AsyncByteStream)
        async for piece in request.stream:
            seen.append(piece)
            if meddle is not None:
                meddle.write_bytes(b"")
        return httpx.Response(200, json=PNG)

    class Streaming(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            return await handle(request)

    async def main() -> None:
        async with ScopeRest(URL, transport=Streaming()) as rest:
            assert (await rest.upload_asset("ref.png", path)).name == "ref"

    asyncio.run(main())
    return requests[0]


def test_an_upload_is_sent_piece_by_piece_and_says_how_long_it_is(tmp_path: Path) -> None:
    path = tmp_path / "ref.png"
    path.write_bytes(bytes(range(250)) * 3000)
    seen: list[bytes] = []
    request = upload(path, seen)
    assert b"".join(seen) == path.read_bytes()
    assert max(map(len, seen)) == files.PIECE
    assert request.headers["content-length"] == "750000"
    assert "transfer-encoding" not in request.headers


def test_a_file_that_shrinks_on_its_way_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "ref.png"
    path.write_bytes(bytes(2 * files.PIECE))
    with pytest.raises(FileError, match="has become shorter"):
        upload(path, [], meddle=path)


@pytest.mark.parametrize("what", ["folder", "nothing"])
def test_what_is_no_file_is_not_sent(what: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(ScopeError, match=r"is no file|cannot be read"):
        upload(tmp_path / what, [])

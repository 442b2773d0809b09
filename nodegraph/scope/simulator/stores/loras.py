"""The LoRA files: a folder of them, what is known of each, and downloads that need no internet."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from starlette.exceptions import HTTPException

from nodegraph.scope.simulator.stores.shelf import Shelf, megabytes

_SUFFIX = ".safetensors"
_HOSTS = ("civitai.com", "hf.co", "huggingface.co")
_PIECES = 20
_SIZE = 1 << 20  # bytes of a file that is "downloaded"
_PREVIEW = (
    "This is a page that shows a Hugging Face file, not the file: its download link has "
    "/resolve/main/ where this one has /blob/main/."
)


class Loras:
    """The files below `root`, and those below `shared`, which everybody has and nobody deletes.

    What is installed is a real `.safetensors` file without a model in it, and takes `seconds`.
    """

    def __init__(self, root: Path, shared: Path, seconds: float) -> None:
        self._own = Shelf(root, frozenset({_SUFFIX}))
        self._shared = Shelf(shared, frozenset({_SUFFIX}))
        self._seconds = seconds
        self._notes = self._own.root / "manifest.json"

    def listed(self) -> list[dict[str, Any]]:
        """Return all files by folder and name."""
        notes = self._read()
        own = [self._entry(self._own, path, notes) for path in self._own]
        names = {each["name"] for each in own}
        shared = [self._entry(self._shared, path, {}) for path in self._shared]
        given = {each["name"] for each in shared}
        entries = own + [each for each in shared if each["name"] not in names]
        for each in entries:
            each["read_only"] = each["name"] in given
        return sorted(entries, key=lambda each: (each["folder"] or "", each["name"]))

    async def install(self, url: str, filename: str | None) -> dict[str, Any]:
        """Fetch a file, which the answer waits for.

        Raises:
            HTTPException: 400 for an address it takes nothing from, 409 if the file is there.
        """
        parts = urlsplit(url)
        host = parts.hostname or ""
        if not any(host == one or host.endswith(f".{one}") for one in _HOSTS):
            raise HTTPException(400, f"URL must be from {' or '.join(_HOSTS)}")
        if "civitai" not in host and "/blob/" in parts.path:
            raise HTTPException(400, _PREVIEW)
        name = filename or unquote(parts.path.rpartition("/")[2])
        if "." not in name:
            detail = "Could not determine filename from URL. Please provide a filename."
            raise HTTPException(400, detail)
        path = self._free(name)
        source = "civitai" if "civitai" in host else "huggingface"
        clean = parts._replace(query="", fragment="", netloc=host).geturl()
        await self._fetch(path, url, {"source": source, "url": clean})
        return self._entry(self._own, path, self._read())

    async def download(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Fetch a file from where a workflow says it is, over one of the same name.

        Raises:
            HTTPException: 400 if something is missing, or the file is not the one expected.
        """
        match asked:
            case {"source": "huggingface", "repo_id": repo, "hf_filename": file}:
                origin, name = f"https://huggingface.co/{repo}/resolve/main/{file}", file
            case {"source": "civitai", "version_id": version}:
                origin = f"https://civitai.com/api/download/models/{version}"
                name = f"civitai-{version}{_SUFFIX}"
            case {"source": "url", "url": url}:
                origin, name = url, unquote(urlsplit(url).path)
            case _:
                needs = {
                    "huggingface": "repo_id and hf_filename required for HuggingFace source",
                    "civitai": "version_id required for CivitAI source",
                }
                detail = needs.get(asked["source"], "url required for URL source")
                raise HTTPException(400, detail)
        folder = asked.get("subfolder")
        wanted = "/".join(filter(None, (folder, name.rpartition("/")[2])))
        if (path := self._own.place(wanted)) is None:
            raise HTTPException(400, "Invalid destination path")
        keys = ("source", "repo_id", "hf_filename", "model_id", "version_id", "url")
        note = await self._fetch(path, origin, {key: asked.get(key) for key in keys})
        if (expected := asked.get("expected_sha256")) and expected != note["sha256"]:
            path.unlink()
            self._forget(path)
            detail = f"SHA256 mismatch: expected {expected}, got {note['sha256']}"
            raise HTTPException(400, detail)
        told = {key: note[key] for key in ("filename", "sha256", "size_bytes")}
        return told | {"path": str(path)}

    def note(self, filename: str, provenance: Mapping[str, Any]) -> dict[str, Any]:
        """Say where a file came from.

        Raises:
            HTTPException: 404, or 400 for a name that leads elsewhere.
        """
        if (path := self._own.place(filename)) is None:
            raise HTTPException(400, "Invalid filename")
        if not path.is_file():
            raise HTTPException(404, f"LoRA file '{filename}' not found")
        return self._write(path, provenance)

    def remove(self, name: str) -> None:
        """Delete the file with this stem.

        Raises:
            HTTPException: 404, or 403 if it is everybody's.
        """
        if any(path.stem == name for path in self._shared):
            raise HTTPException(403, f"LoRA '{name}' is a shared sample and cannot be deleted")
        for path in self._own:
            if path.stem == name:
                path.unlink()
                self._forget(path)
                return
        raise HTTPException(404, f"LoRA '{name}' not found")

    def _free(self, name: str) -> Path:
        suffix = Path(name).suffix.lower()
        if suffix != _SUFFIX:
            detail = f"Invalid file extension '{suffix}'. Allowed: {_SUFFIX}"
            raise HTTPException(400, detail)
        if (path := self._own.place(name)) is None:
            raise HTTPException(400, "Invalid filename")
        if path.exists():
            raise HTTPException(409, f"File '{name}' already exists.")
        return path

    async def _fetch(
        self, path: Path, origin: str, provenance: Mapping[str, Any]
    ) -> dict[str, Any]:
        await self._own.store(path, _download(origin, self._seconds))
        return self._write(path, provenance)

    def _entry(self, shelf: Shelf, path: Path, notes: Mapping[str, Any]) -> dict[str, Any]:
        note = notes.get(path.relative_to(shelf.root).as_posix(), {})
        return {
            "name": path.stem,
            "path": str(path),
            "size_mb": megabytes(path),
            "folder": shelf.folder(path),
            "sha256": note.get("sha256"),
            "provenance": note.get("provenance"),
            "read_only": False,
        }

    def _read(self) -> dict[str, Any]:
        try:
            notes = json.loads(self._notes.read_text("utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        given = notes.items() if isinstance(notes, dict) else ()
        return {name: note for name, note in given if isinstance(note, dict)}

    def _write(self, path: Path, provenance: Mapping[str, Any]) -> dict[str, Any]:
        content = path.read_bytes()
        blank = dict.fromkeys(("repo_id", "hf_filename", "model_id", "version_id", "url"))
        note: dict[str, Any] = {
            "filename": path.relative_to(self._own.root).as_posix(),
            "provenance": {"source": "local", **blank, **provenance},
            "sha256": sha256(content).hexdigest(),
            "size_bytes": len(content),
            "added_at": datetime.now(UTC).isoformat(),
        }
        self._save(self._read() | {note["filename"]: note})
        return note

    def _forget(self, path: Path) -> None:
        notes = self._read()
        notes.pop(path.relative_to(self._own.root).as_posix(), None)
        self._save(notes)

    def _save(self, notes: Mapping[str, Any]) -> None:
        self._notes.parent.mkdir(parents=True, exist_ok=True)
        self._notes.write_text(json.dumps(notes, indent=1), "utf-8")


async def _download(origin: str, seconds: float) -> AsyncIterator[bytes]:
    """A file of one tensor of zeros that says where it is from, always the same, in its time.

    The form is that of the safetensors format: the header's size, the header, the numbers.
    """
    shape = {"dtype": "U8", "shape": [_SIZE], "data_offsets": [0, _SIZE]}
    header = json.dumps({"__metadata__": {"origin": origin}, "zeros": shape}).encode()
    yield len(header).to_bytes(8, "little") + header
    for _ in range(_PIECES):
        await asyncio.sleep(seconds / _PIECES)
        yield bytes(_SIZE // _PIECES)
    yield bytes(_SIZE % _PIECES)

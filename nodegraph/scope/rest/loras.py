"""LoRA files on the server: what is there, and how more get there."""

from __future__ import annotations

from urllib.parse import parse_qs, quote, urlsplit

from nodegraph.scope.answers import (
    Done,
    Json,
    LoraDownload,
    LoraEntry,
    LoraFile,
    Provenance,
    mapping,
    mappings,
)
from nodegraph.scope.errors import InTheClear, NotScope, ScopeRefused
from nodegraph.scope.rest.transport import INSTALL, Transport
from nodegraph.scope.secret import Secret


class LorasRest(Transport):
    """Endpoints about LoRAs."""

    async def loras(self) -> list[LoraFile]:
        """The LoRA files on the server; up to 0.1.4 they are listed under another path."""
        try:
            body = await self._object("GET", "/api/v1/loras")
        except (NotScope, ScopeRefused) as error:
            try:
                body = await self._object("GET", "/api/v1/lora/list")
            except (NotScope, ScopeRefused):
                raise error from None
        return [LoraFile.from_json(one) for one in mappings(body, "lora_files")]

    async def install_lora(self, address: str, filename: str | None = None) -> LoraFile:
        """Have the server fetch a `.safetensors` file of Hugging Face or CivitAI.

        It answers when the file is there, which takes minutes. A token does not belong into the
        address: set the key of the service instead.
        """
        if "token" in parse_qs(urlsplit(address).query):
            raise InTheClear(
                "The address holds a token, which would end up in logs; leave it out, "
                "and give the server the key with `nodegraph scope URL keys set civitai`."
            )
        asked = {"url": address, "filename": filename}
        body = await self._object("POST", "/api/v1/loras", json=asked, timeout=INSTALL)
        return LoraFile.from_json(mapping(body, "file"))

    async def remove_lora(self, name: str) -> Done:
        """Delete a file, by its name without folder and suffix."""
        return Done.from_json(await self._object("DELETE", f"/api/v1/loras/{quote(name, safe='')}"))

    async def download_lora(
        self,
        source: Provenance,
        *,
        subfolder: str | None = None,
        sha256: str | None = None,
        civitai: Secret | None = None,
    ) -> LoraDownload:
        """Have the server fetch a LoRA from where a workflow says it came from, and check it."""
        self._private(civitai)
        asked = {
            **_named(source),
            "subfolder": subfolder,
            "expected_sha256": sha256,
            "civitai_token": civitai.reveal() if civitai else None,
        }
        path = "/api/v1/lora/download"
        body = await self._object("POST", path, json=asked, timeout=INSTALL, secret=civitai)
        return LoraDownload.from_json(body)

    async def set_provenance(self, filename: str, source: Provenance) -> LoraEntry:
        """Note where a file came from, so that workflows can name it."""
        path = f"/api/v1/lora/{quote(filename, safe='')}/provenance"
        return LoraEntry.from_json(await self._object("PUT", path, json=_named(source)))


def _named(source: Provenance) -> Json:
    fields = ("source", "repo_id", "hf_filename", "model_id", "version_id", "url")
    return {key: value for key in fields if (value := getattr(source, key)) is not None}

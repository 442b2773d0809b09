"""What the simulated server keeps, as its own client finds it over HTTP."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import numpy as np
import pytest
from rest_kit import refused, talk

from nodegraph.scope.answers import Provenance
from nodegraph.scope.loading import load
from nodegraph.scope.rest import Loading, ScopeRest
from nodegraph.scope.secret import Secret
from nodegraph.scope.simulator.stores.recordings import Recorder

HF = "https://huggingface.co/u/r/resolve/main"


def test_assets_come_back_as_they_went(tmp_path: Path) -> None:
    async def work(rest: ScopeRest) -> None:
        sent = tmp_path / "here.mp4"
        sent.write_bytes(bytes(range(256)) * 5000)
        told: list[tuple[int, int | None]] = []
        asset = await rest.upload_asset("set/a ü.mp4", sent, lambda *done: told.append(done))
        assert (asset.name, asset.type, asset.folder, asset.size_mb) == (
            "a ü",
            "video",
            "set",
            1.22,
        )
        assert told[-1] == (1_280_000, 1_280_000)
        assert Path(asset.path).read_bytes() == sent.read_bytes()
        got = await rest.fetch_asset("set/a ü.mp4", tmp_path)
        assert got.name == "a ü.mp4"
        assert got.read_bytes() == sent.read_bytes()
        await rest.upload_asset("b.PNG", b"")
        assert [one.name for one in await rest.assets()] == ["b", "a ü"]
        assert [one.name for one in await rest.assets("image")] == ["b"]
        assert await rest.assets("audio") == []

    talk(work, folder=str(tmp_path / "server"))
    assert (tmp_path / "server/assets/set/a ü.mp4").exists()


@pytest.mark.parametrize(
    "name", ["../x.png", "/etc/x.png", "a/../../x.png", "nul\0.png", ".png/../../x.png"]
)
def test_no_upload_leaves_the_folder(name: str, tmp_path: Path) -> None:
    async def work(rest: ScopeRest) -> None:
        assert await refused(rest.upload_asset(name, b"1"), 400) == "Invalid filename"

    talk(work, folder=str(tmp_path / "server"))
    assert list(tmp_path.rglob("*.png")) == []


def test_loras_are_installed_noted_and_removed(tmp_path: Path) -> None:
    shared = tmp_path / "models/lora-shared/sample.safetensors"
    shared.parent.mkdir(parents=True)
    shared.write_bytes(b"1")

    async def work(rest: ScopeRest) -> None:
        file = await rest.install_lora(f"{HF}/arcane.safetensors?download=true")
        assert file.provenance == Provenance("huggingface", url=f"{HF}/arcane.safetensors")
        content = Path(file.path).read_bytes()
        size = int.from_bytes(content[:8], "little")
        header = json.loads(content[8 : 8 + size])
        assert 8 + size + header["zeros"]["data_offsets"][1] == len(content)
        assert [one.name for one in await rest.loras()] == ["arcane", "sample"]
        await refused(rest.install_lora(f"{HF}/arcane.safetensors"), 409)
        assert "/resolve/" in await refused(
            rest.install_lora(f"{HF}/a.st".replace("resolve", "blob")), 400
        )
        await refused(rest.install_lora("https://huggingface.co.evil.example/a.safetensors"), 400)
        await refused(rest.install_lora(f"{HF}/a.ckpt"), 400)
        await refused(rest.install_lora(f"{HF}/a", "../../a.safetensors"), 400)
        again = await rest.install_lora(f"{HF}/a", "styles/film.safetensors")
        assert again.folder == "styles"
        entry = await rest.set_provenance(
            "arcane.safetensors", Provenance("civitai", version_id="7")
        )
        assert entry.provenance == Provenance("civitai", version_id="7")
        assert entry.sha256 == (await rest.loras())[0].sha256
        await refused(rest.set_provenance("none.safetensors", Provenance("local")), 404)
        await rest.remove_lora("arcane")
        await refused(rest.remove_lora("arcane"), 404)
        await refused(rest.remove_lora("sample"), 403)
        assert [(one.name, one.read_only) for one in await rest.loras()] == [
            ("sample", True),
            ("film", False),
        ]

    talk(work, folder=str(tmp_path))


def test_a_lora_of_a_workflow_is_checked() -> None:
    async def work(rest: ScopeRest) -> None:
        source = Provenance("huggingface", repo_id="u/r", hf_filename="deep/a.safetensors")
        done = await rest.download_lora(source, subfolder="set")
        assert done.filename == "set/a.safetensors"
        assert done.size == Path(done.path).stat().st_size
        same = await rest.download_lora(source, sha256=done.sha256)
        assert same.sha256 == done.sha256
        await refused(rest.download_lora(source, subfolder="bad", sha256="00"), 400)
        await refused(rest.download_lora(source, subfolder="../.."), 400)
        await refused(rest.download_lora(Provenance("huggingface")), 400)
        await refused(rest.download_lora(Provenance("nowhere")), 422)
        assert [one.folder for one in await rest.loras()] == [None, "set"]

    talk(work)


def test_models_are_downloaded_before_a_pipeline_loads(tmp_path: Path) -> None:
    async def work(rest: ScopeRest) -> None:
        await rest.load_pipeline(["longlive"])
        while (await rest.pipeline_status()).state != "error":
            await asyncio.sleep(0.01)
        await rest.download_models("longlive")
        await refused(rest.download_models("longlive"), 409)
        seen = []
        while not (told := await rest.models_status("longlive")).downloaded:
            seen.append((told.artifact, told.percentage))
            assert told.downloading
            await asyncio.sleep(0.01)
        assert seen == sorted(seen, key=lambda each: seen.index(each))
        assert len({artifact for artifact, _ in seen}) > 1
        assert (await load(rest, ["longlive"])).state == "loaded"

    talk(work, fresh=True, folder=str(tmp_path), download_seconds=0.5)

    async def later(rest: ScopeRest) -> None:
        assert (await rest.models_status("longlive")).downloaded
        assert not (await rest.models_status("rife")).downloaded

    talk(later, fresh=True, folder=str(tmp_path))


def test_a_key_is_taken_and_never_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CIVITAI_API_TOKEN", raising=False)
    monkeypatch.setenv("HF_TOKEN", "hf_ofTheServer")

    async def work(rest: ScopeRest) -> None:
        keys = {key.id: key for key in await rest.keys()}
        assert (keys["huggingface"].source, keys["civitai"].is_set) == ("env_var", False)
        await refused(rest.set_key("huggingface", Secret("x")), 409)
        await refused(rest.set_key("nobody", Secret("x")), 404)
        await refused(rest.set_key("civitai", Secret("")), 422)
        await rest.set_key("civitai", Secret("civ_secret"))
        assert {key.id: key.source for key in await rest.keys()}["civitai"] == "stored"
        await rest.remove_key("civitai")
        await refused(rest.remove_key("civitai"), 404)
        log = await rest.logs_tail(1000)
        assert "civ_secret" not in "".join(log.lines)

    talk(work)


def test_a_plugin_brings_its_pipeline() -> None:
    async def work(rest: ScopeRest) -> None:
        assert "probe" not in await rest.schemas()
        await refused(rest.install_plugin("no-such-package"), 500)
        await rest.install_plugin("git+https://example.org/scope-probe.git")
        await refused(rest.install_plugin("scope-probe"), 409)
        await rest.install_plugin("scope-probe", force=True)
        await refused(rest.reload_plugin("scope-probe"), 400)
        await rest.install_plugin("scope-probe", editable=True, upgrade=True)
        assert [one.pipelines[0].id for one in await rest.plugins()] == ["probe"]
        await rest.load_graph([Loading("n1", "probe", {"chunk_frames": 2, "chunk_ms": 20})])
        while (await rest.pipeline_status()).pipeline_id != "n1":
            await asyncio.sleep(0.01)
        assert "(probe)" in await refused(rest.reload_plugin("scope-probe"), 409)
        assert (await rest.reload_plugin("scope-probe", force=True)).reloaded == ("probe",)
        assert (await rest.pipeline_status()).state == "not_loaded"
        await rest.remove_plugin("scope-probe")
        await refused(rest.remove_plugin("scope-probe"), 404)
        assert "probe" not in await rest.schemas()

    talk(work)


def test_a_workflow_is_looked_through() -> None:
    async def work(rest: ScopeRest) -> None:
        builtin, lora = {"type": "builtin"}, {"filename": "arcane.safetensors"}
        wanted: dict[str, object] = {
            "format": "scope-workflow",
            "pipelines": [
                {"pipeline_id": "longlive", "source": builtin, "loras": [lora], "params": {}},
                {"pipeline_id": "waypoint-1", "source": {"type": "pypi", "package_spec": "w"}},
            ],
            "min_scope_version": "9.0.0",
        }
        told = await rest.resolve_workflow(wanted)
        assert not told.can_apply
        assert [(one.kind, one.status) for one in told.items] == [
            ("pipeline", "ok"),
            ("lora", "missing"),
            ("plugin", "missing"),
        ]
        assert len(told.warnings) == 1
        await rest.install_lora(f"{HF}/arcane.safetensors")
        wanted["pipelines"] = [{"pipeline_id": "longlive", "source": builtin, "loras": [lora]}]
        assert (await rest.resolve_workflow(wanted)).can_apply
        bad = {"pipelines": [{"pipeline_id": "", "source": {"type": "floppy"}}]}
        await refused(rest.resolve_workflow(bad), 422)

    talk(work)


def test_two_may_fetch_a_recording_at_once_and_a_third_end_it(tmp_path: Path) -> None:
    async def main() -> None:
        recorder = Recorder(lambda: np.zeros((32, 32, 3), np.uint8), tmp_path)
        await asyncio.sleep(0.2)
        got = await asyncio.gather(
            recorder.segment(), recorder.segment(), recorder.finish(), recorder.segment()
        )
        assert got[0] is not None
        assert got[0].stat().st_size > 100
        assert got[0] not in got[1:]
        left = [task.get_name() for task in asyncio.all_tasks()]
        assert "record" not in left

    asyncio.run(main())


@pytest.mark.parametrize(
    "kept",
    [
        [],
        None,
        "dmx",
        {"mappings": [5, None, {"universe": "0"}, {}]},
        {"preferred_port": 70_000, "enabled": True},
        {"preferred_port": -9, "enabled": True},
        {"enabled": "yes", "mappings": {"a": 1}},
    ],
)
def test_what_somebody_wrote_into_the_settings_of_dmx_is_no_harm(
    kept: object, tmp_path: Path
) -> None:
    async def work(rest: ScopeRest) -> None:
        told = await rest.dmx()
        assert 1024 <= told.preferred <= 65_535
        assert (await rest.dmx_config()).mappings == ()

    file = tmp_path / "dmx-config.json"
    file.write_text(json.dumps(kept), "utf-8")
    talk(work, folder=str(tmp_path))

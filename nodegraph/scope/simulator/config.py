"""What can be set on a simulator before it starts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Config:
    """How the simulated server is built. The defaults are those of a real one on a good GPU."""

    chunk_frames: int = 12
    """Frames that longlive generates in one go."""
    chunk_seconds: float = 0.6
    """How long it takes over them; painting that is slower sets the pace itself."""
    load_seconds: float = 0.8
    """How long longlive takes to load."""
    load_race: float = 0.02
    """Seconds between the answer to a load and the first change of the status."""
    seed: int = 0
    """Added to every `base_seed`."""
    caption: bool = False
    """Letter the prompt and the values in effect at the foot of each frame."""
    show_numbers: bool = False
    """Mark each frame with the number of the last message applied (`lettering.read_number`)."""
    honest: bool = False
    """True: `noise_scale` does nothing in text mode, as on a real longlive. False: it shows,
    and the schema says so."""
    sound: bool = False
    """True: pipelines that paint make sound, too, as those of some plugins do."""
    fault: str = ""
    """What goes wrong, and when: see `faults.parse_faults`."""
    vram_gb: float = 0.0
    """Graphics memory of the server's machine; 0: it has none, and only longlive paints."""
    folder: str = ""
    """Where assets, LoRAs and what else the server keeps lie; without one, in a temporary folder
    that goes with the server."""
    fresh: bool = False
    """True: no model files are there yet; they are to be downloaded before a pipeline is loaded."""
    download_seconds: float = 2.0
    """How long a download takes, of models and of a LoRA."""
    tempo: bool = False
    """True: the server can follow a tempo (Ableton Link), as one with the package aalink."""
    plugins: str = ""
    """Names of plugins that are installed, with commas between; it knows scope-probe."""
    frontend: bool = True
    """True: unknown GETs answer the web page, as an installed Scope does. False: 404."""

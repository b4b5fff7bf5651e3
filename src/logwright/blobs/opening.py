"""Which blob store an installation uses: the folder beside its data, or a bucket behind it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from logwright.blobs.folder import FolderBlobs
from logwright.blobs.s3 import S3Blobs, read_address
from logwright.blobs.spooled import SpooledBlobs

FOLDER: Final = "blobs"
"""Where blobs are, or wait, below the data directory."""

KeptBlobs = FolderBlobs | SpooledBlobs


def open_blobs(data: Path, address: str, *, durable: bool, environment: Mapping[str, str]) -> KeptBlobs:
    """Open the blobs of a data directory: those of its folder, or with an address those of a bucket behind it.

    Raises:
        Misconfigured: when the address is none, or the credentials for it are missing.
    """
    folder = FolderBlobs(data / FOLDER, durable=durable)
    return SpooledBlobs(folder, S3Blobs(read_address(address, environment))) if address else folder

"""Without a setting blobs are in the data folder; with one they go on to a bucket."""

from __future__ import annotations

from pathlib import Path

import pytest

from logwright.blobs.folder import FolderBlobs
from logwright.blobs.opening import open_blobs
from logwright.blobs.spooled import SpooledBlobs
from logwright.errors import Misconfigured


def test_blobs_are_below_the_data_folder(tmp_path: Path) -> None:
    blobs = open_blobs(tmp_path, "", durable=True, environment={})
    blobs.put(b"a")

    assert isinstance(blobs, FolderBlobs)
    assert len(list((tmp_path / "blobs").glob("??/??/*"))) == 1


def test_an_address_puts_a_bucket_behind_the_folder(tmp_path: Path) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "s"}

    assert isinstance(open_blobs(tmp_path, "s3://media", durable=True, environment=keys), SpooledBlobs)
    with pytest.raises(Misconfigured):
        open_blobs(tmp_path, "s3://media", durable=True, environment={})

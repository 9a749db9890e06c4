"""Secrets are there for whoever reveals them, and nothing else shows them."""

from __future__ import annotations

import pickle

import pytest
from hunter import places

from ledger_async._support.secrets import Hidden


def test_a_secret_is_revealed_and_not_shown() -> None:
    hidden = Hidden("s3cret")
    assert hidden.reveal() == "s3cret"
    assert places(hidden, "s3cret") == []


def test_a_secret_does_not_pickle() -> None:
    with pytest.raises(TypeError, match="holds credentials"):
        pickle.dumps(Hidden("s3cret"))

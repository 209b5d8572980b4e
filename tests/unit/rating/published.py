"""The published series that the library carries, for tests that need real months."""

from __future__ import annotations

from contracts.library import library_indices

IGPM = library_indices()["IGPM"]
IPCA = library_indices()["IPCA"]

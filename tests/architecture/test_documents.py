"""Every package says what it is for."""

from __future__ import annotations

from tests.architecture.house import PACKAGES, ROOT


def test_every_package_has_its_page() -> None:
    """docs.md beside the code says what the package promises and how to change it."""
    assert [] == [name for name in PACKAGES if not (ROOT / name / "docs.md").is_file()]

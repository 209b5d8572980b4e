"""Modules are named for what they know, not for being of use."""

from __future__ import annotations

import re

from contracts.library import library_documents
from tests.architecture.house import PACKAGES, modules

#: Words that say nothing, alone or as part of a name; and two that say nothing alone.
DRAWER = re.compile(r"(^|[._])(utils?|helpers?|common|misc)([._]|$)|(^|\.)(managers?|services?)(\.|$)")


def test_no_module_is_a_drawer() -> None:
    """A name that says nothing gathers what belongs elsewhere."""
    names = modules(*PACKAGES, "migrations", "bench", "tests")

    assert [] == [name for name in names if DRAWER.search(name)]


def test_no_vendor_is_named_in_the_engine() -> None:
    """What a vendor does is data: its name stands in the library, in the demo and in tests, not in code."""
    vendors = {each[-1].document.vendor for each in library_documents().values()}
    named = re.compile("|".join(sorted(vendors)), re.IGNORECASE)
    code = {
        name: path for name, path in modules(*PACKAGES, "migrations", "bench").items() if ".demo" not in name
    }

    assert {"zenvia", "konectus"} <= vendors
    assert [] == [name for name, path in code.items() if named.search(path.read_text(encoding="utf-8"))]

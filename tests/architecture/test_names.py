"""Modules are named for what they know, not for being of use."""

from __future__ import annotations

import re

from tests.architecture.house import PACKAGES, modules

#: Words that say nothing, alone or as part of a name; and two that say nothing alone.
DRAWER = re.compile(r"(^|[._])(utils?|helpers?|common|misc)([._]|$)|(^|\.)(managers?|services?)(\.|$)")


def test_no_module_is_a_drawer() -> None:
    """A name that says nothing gathers what belongs elsewhere."""
    names = modules(*PACKAGES, "migrations", "bench", "tests")

    assert [] == [name for name in names if DRAWER.search(name)]

"""Money, quantities, rates and even seconds are exact."""

from __future__ import annotations

import ast

from tests.architecture.house import PACKAGES, modules, place, tree_of

INEXACT_TYPES = {"float", "complex"}
INEXACT_NAMES = INEXACT_TYPES | {"floats", "Float", "Double", "DOUBLE", "DOUBLE_PRECISION", "REAL"}


def is_inexact(node: ast.AST) -> bool:
    """Say whether this is a float literal, or a name that makes, means or stores one."""
    match node:
        case ast.Constant(value=value):
            return type(value).__name__ in INEXACT_TYPES
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
            return name in INEXACT_NAMES
        case _:
            return False


def test_no_float_anywhere() -> None:
    """No literal, call, annotation or column type is a float: in the engine, its tests and its benchmarks."""
    found = [
        place(path, node)
        for path in modules(*PACKAGES, "migrations", "bench", "tests").values()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.expr | ast.alias) and is_inexact(node)
    ]

    assert [] == found

"""The house as its files show it: packages, modules and their syntax trees."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES: tuple[str, ...] = tuple(PYPROJECT["tool"]["importlinter"]["root_packages"])


def modules(*folders: str) -> dict[str, Path]:
    """Return the modules under these folders by their dotted names; a package bears its folder's name."""
    paths = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in paths
    }


def tree_of(path: Path) -> ast.Module:
    """Return the syntax tree of a module."""
    return ast.parse(path.read_text(), filename=str(path))


def place(path: Path, node: ast.expr | ast.stmt | ast.alias) -> str:
    """Return where a node stands, so that an editor can open it."""
    return f"{path.relative_to(ROOT)}:{node.lineno}"

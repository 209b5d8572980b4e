"""Sizes that good code tends to have.  Over a limit a noun is missing, or a reason stands here."""

from __future__ import annotations

import ast

from tests.architecture.house import PACKAGES, modules, place, tree_of

MODULE_LINES = 350
FUNCTION_LINES = 60
ARGUMENTS = 7

LONG_MODULES = {  # module: why it reads better whole
    "contracts.tables": "a list of declarations, which nobody reads from top to bottom",
    "kernel.errors": "one tree, drawn at its top; each class is a sentence and a code",
}

FUNCTIONS = [
    (place(path, node), node)
    for path in modules(*PACKAGES, "bench").values()
    for node in ast.walk(tree_of(path))
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
]


def arguments(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count what a caller passes."""
    given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return len([argument for argument in given if argument.arg not in {"self", "cls"}])


def test_modules_are_short() -> None:
    """A module is read in one sitting, or LONG_MODULES says why not."""
    lengths = {name: len(path.read_text().splitlines()) for name, path in modules(*PACKAGES, "bench").items()}

    assert set(LONG_MODULES) == {name for name, lines in lengths.items() if lines > MODULE_LINES}


def test_functions_are_short() -> None:
    """A function is seen on one screen."""
    long = [where for where, node in FUNCTIONS if (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES]

    assert [] == long


def is_command(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Tell whether a function is a command, whose arguments are the options that a person types by name."""
    return any(ast.unparse(each).partition("(")[0].endswith(".command") for each in node.decorator_list)


def test_functions_take_few_arguments() -> None:
    """Values that travel together are one value; a command takes the options that it has."""
    called = [(where, node) for where, node in FUNCTIONS if not is_command(node)]

    assert [] == [where for where, node in called if arguments(node) > ARGUMENTS]

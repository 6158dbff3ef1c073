"""What pure modules may import and call (law 4), told from their source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: Whatever else a pure module imports is reported, so that a new way to the outside is not overlooked.
_MAY_IMPORT = (
    *(
        "__future__",
        "bisect",
        "calendar",
        "collections",
        "dataclasses",
        "datetime",
        "functools",
        "itertools",
        "math",
        "types",
    ),
    *("typing", "holidays", "msgspec", "shared.contracts", "shared.rules"),
)
_MAY_NOT_CALL = frozenset({"open", "print", "input", "exec", "eval", "__import__", "breakpoint", "hash"})
_MAY_NOT_ASK = frozenset({"now", "utcnow", "today"})


def pure_modules() -> list[Path]:
    """The rules, and of each reporting service its knowledge: all but what starts the process and what may be said."""
    services = [folder.parent for folder in sorted(ROOT.glob("services/*/snapshot.py"))]
    own = [path for folder in services for path in sorted(folder.glob("*.py")) if path.name != "__main__.py"]
    return [*sorted((ROOT / "shared/rules").glob("*.py")), *own]


def impurities(source: str, package: str = "") -> list[str]:
    """Each import and call by which a module could reach beyond its arguments; `package` is its own service."""
    return list(_found(ast.parse(source), package))


def _found(tree: ast.AST, package: str) -> Iterator[str]:
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            allowed = (*_MAY_IMPORT, package) if package else _MAY_IMPORT
            if not any(name == one or name.startswith(f"{one}.") for one in allowed):
                yield f"imports {name}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _MAY_NOT_CALL:
            yield f"calls {node.func.id}"
        if isinstance(node, ast.Attribute) and node.attr in _MAY_NOT_ASK and "date" in ast.unparse(node.value):
            yield f"asks {node.attr}"
        if isinstance(node, ast.alias) and node.name in ("date", "datetime") and node.asname:
            yield f"hides {node.name}"
        if isinstance(node, ast.Global | ast.Nonlocal):
            yield f"keeps {', '.join(node.names)}"

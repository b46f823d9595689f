import ast
import importlib
import pkgutil
from pathlib import Path

import pytest

import emoconv

ROOT = Path(emoconv.__file__).parent
MODULES = [
    "emoconv",
    *(module.name for module in pkgutil.walk_packages([str(ROOT)], prefix="emoconv.")),
]


def file_of(module):
    path = ROOT.joinpath(*module.split(".")[1:])
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def defined_in(module):
    """The public functions, classes and constants of a module; type variables are neither."""
    for node in ast.parse(file_of(module).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign) and "TypeVar" not in ast.dump(node):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (target.id for target in targets if isinstance(target, ast.Name))


@pytest.mark.parametrize("module", MODULES)
def test_each_exported_name_is_there(module):
    loaded = importlib.import_module(module)
    assert [] == [name for name in loaded.__all__ if not hasattr(loaded, name)]


@pytest.mark.parametrize("module", MODULES)
def test_each_public_name_is_exported(module):
    exported = importlib.import_module(module).__all__
    public = {name for name in defined_in(module) if not name.startswith("_")}
    assert set() == public - set(exported)


@pytest.mark.parametrize("module", MODULES)
def test_no_name_is_exported_twice(module):
    exported = importlib.import_module(module).__all__
    assert len(exported) == len(set(exported))


@pytest.mark.parametrize("module", MODULES)
def test_no_module_uses_what_runs_foreign_code(module):
    """No pickle or the like, no eval, no torch.load: a bundle or checkpoint is only data."""
    forbidden = {"pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve", "eval", "exec"}
    forbidden |= {"torch.load", "allow_pickle"}
    if module == "emoconv.compiling":  # writes a function of names and numbers of its own
        forbidden.remove("exec")
    found = set()
    for node in ast.walk(ast.parse(file_of(module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names]
            found |= {name.split(".")[0] for name in [*names, getattr(node, "module", None) or ""]}
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found.add(node.func.id)
        elif isinstance(node, ast.Attribute | ast.keyword):
            found.add(ast.unparse(node).partition("=")[0])
    assert set() == found & forbidden

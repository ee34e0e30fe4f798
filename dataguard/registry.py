"""The only place that loads checks: those in `dataguard.checks`, and plugins."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, TypeVar

from dataguard.check import Check
from dataguard.errors import ConfigError, UsageError, did_you_mean
from dataguard.finding import Severity

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from dataguard.monitor.rule import Rule

C = TypeVar("C", bound="type[Check] | type[Rule]")

ENTRY_POINTS = "dataguard.checks"


def load_checks(plugins: Sequence[Path] = ()) -> dict[str, type[Check]]:
    """All checks by code: built in, from installed plugins, and from the given files.

    Raises:
        ConfigError: Two checks share a code or a name, or a plugin does not load.
    """
    found: dict[str, type[Check]] = {}
    names: dict[str, str] = {}
    for check in _classes(plugins):
        _validate(check)
        if check.code in found and found[check.code] is not check:
            other = found[check.code]
            raise ConfigError(
                f"two checks have the code {check.code}: "
                f"{other.__module__}.{other.__name__} and {check.__module__}.{check.__name__}"
            )
        if names.setdefault(check.name, check.code) != check.code:
            raise ConfigError(f"{check.code} and {names[check.name]} share the name {check.name}")
        found[check.code] = check
    return dict(sorted(found.items()))


def select_checks(checks: Mapping[str, C], select: Sequence[str], ignore: Sequence[str]) -> list[C]:
    """The checks that `select` names (all where it is empty), without those of `ignore`.

    Args:
        checks: By code; the monitor's rules may be among them.
        select: Codes ("LAB002"), families ("LAB") or names ("mislabelled-rows").
        ignore: The same.

    Raises:
        UsageError: One of them names no check.
    """
    wanted = select_codes(checks, select) if select else set(checks)
    unwanted = select_codes(checks, ignore)
    return [check for code, check in checks.items() if code in wanted - unwanted]


def select_codes(checks: Mapping[str, C], selectors: Iterable[str]) -> set[str]:
    """The codes that codes, families and names stand for.

    Raises:
        UsageError: One of them names no check.
    """
    chosen: set[str] = set()
    families = {code.rstrip("0123456789") for code in checks}
    names = {check.name: code for code, check in checks.items()}
    for selector in selectors:
        upper = selector.upper()
        if upper in checks:
            chosen.add(upper)
        elif upper in families:
            chosen.update(c for c in checks if c.rstrip("0123456789") == upper)
        elif selector.lower() in names:
            chosen.add(names[selector.lower()])
        else:
            hint = did_you_mean(selector, [*sorted(families), *checks, *names])
            raise UsageError(f"no check '{selector}'{hint}")
    return chosen


def _classes(plugins: Sequence[Path]) -> Iterator[type[Check]]:
    package = importlib.import_module("dataguard.checks")
    for family in pkgutil.iter_modules(package.__path__, "dataguard.checks."):
        module = importlib.import_module(family.name)
        for info in pkgutil.iter_modules(module.__path__, family.name + "."):
            yield from _in_module(importlib.import_module(info.name))
    for entry in _entry_points():
        try:
            loaded = entry.load()
        except Exception as error:
            raise ConfigError(f"plugin '{entry.name}' does not load: {error!r}") from error
        yield from _in_plugin(entry.name, loaded)
    for path in plugins:
        yield from _in_module(_load_file(path))


def _entry_points() -> Sequence[EntryPoint]:
    """The installed plugins. `importlib.metadata` is loaded only where a file announces one."""
    if not any(_announces(Path(folder)) for folder in sys.path):
        return ()
    from importlib.metadata import entry_points

    return tuple(entry_points(group=ENTRY_POINTS))


def _announces(folder: Path) -> bool:
    """Whether a package in a folder of the path announces checks; true for what is no folder."""
    try:
        if not folder.is_dir():
            return folder.is_file()
        return any(
            ENTRY_POINTS in file.read_text(encoding="utf-8", errors="replace")
            for kind in ("dist", "egg")
            for file in folder.glob(f"*.{kind}-info/entry_points.txt")
        )
    except OSError:  # nor could anything be imported from there
        return False


def _validate(check: type[Check]) -> None:
    """Raise a `ConfigError` where a class lacks what every check must say of itself."""
    place = f"{check.__module__}.{check.__name__}"
    for attribute, kind in (("code", str), ("name", str), ("severity", Severity)):
        if not isinstance(getattr(check, attribute, None), kind):
            raise ConfigError(f"check {place} has no `{attribute}` of type {kind.__name__}")
    if not re.fullmatch(r"[A-Z]+[0-9]+", check.code):
        raise ConfigError(f"check {place}: '{check.code}' is no code; one looks like 'ABC001'")
    if check.run is Check.run:
        raise ConfigError(f"check {place} has no `run`")


def _in_plugin(name: str, loaded: object) -> Iterator[type[Check]]:
    """The checks of an entry point, which names a module or one class."""
    if isinstance(loaded, ModuleType):
        yield from _in_module(loaded)
    elif isinstance(loaded, type) and issubclass(loaded, Check):
        yield loaded
    else:
        raise ConfigError(f"plugin '{name}' is neither a module nor a Check")


def _in_module(module: ModuleType) -> Iterator[type[Check]]:
    """The checks that are written in `module` itself, not those that it imports."""
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Check):
            if value.__module__ == module.__name__ and "code" in vars(value):
                yield value


def _load_file(path: Path) -> ModuleType:
    if path.is_dir():
        raise ConfigError(f"plugin {path} is a directory; name a Python file")
    if not path.exists():
        relative = "; paths are relative to the config file"
        raise ConfigError(f"plugin {path}: there is no such file{relative}")
    spec = importlib.util.spec_from_file_location(f"dataguard_plugin_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ConfigError(f"plugin {path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise ConfigError(f"plugin {path} does not load: {error!r}") from error
    return module

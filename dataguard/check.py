"""What a check is. Checks live in `checks/`, one file a check."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar, overload

import msgspec

from dataguard.errors import ConfigError, did_you_mean
from dataguard.finding import Finding, Severity

if TYPE_CHECKING:
    from dataguard.dataset import Dataset, Split

T = TypeVar("T", int, float, bool, str, tuple[str, ...])


class Need(StrEnum):
    """What a check cannot do without. The text is the reason of the skip."""

    LABEL = "no label column; name it with --label"
    CLASSES = "the label is not a class label"
    HOLDOUT = "only one split; add --test or --validation"
    TEXT = "no text column"
    ID = "no id column; name it with --id"
    GROUP = "no group column; name it with --group"


class Skip(Exception):  # noqa: N818 - it is no error
    """Raised by a check that finds it cannot run; the argument is the reason shown."""


class Configured(Protocol):
    """What has options: a check, or a rule of the monitor."""

    @property
    def configured(self) -> Mapping[str, Any]:
        """Values of options that differ from the defaults."""


class Option(Generic[T]):
    """One threshold or switch of a check or a rule of the monitor, set in the config by its code.

    Args:
        default: Value without configuration. Its type is the option's type.
        doc: What it does and where the default comes from.
        low: Smallest value allowed, for numbers.
        high: Largest value allowed, for numbers.
        paths: Whether the string, or those of a list, are paths; a config's are relative to its
            file.
    """

    def __init__(
        self,
        default: T,
        doc: str,
        *,
        low: float | None = None,
        high: float | None = None,
        paths: bool = False,
    ) -> None:
        self.default: T = default
        self.doc = doc
        self.low = low
        self.high = high
        self.paths = paths
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Option[T]: ...
    @overload
    def __get__(self, instance: Configured, owner: type) -> T: ...
    def __get__(self, instance: Configured | None, owner: type) -> Option[T] | T:
        if instance is None:
            return self
        value: T = instance.configured.get(self.name, self.default)
        return value

    def parse(self, code: str, value: Any) -> T:
        """`value` as this option's type.

        Raises:
            ConfigError: Wrong type, or out of bounds.
        """
        place = f"checks.{code}.{self.name}"
        kind = type(self.default)
        if kind is tuple and isinstance(value, list) and all(isinstance(v, str) for v in value):
            value = tuple(value)
        if kind is float and type(value) is int:
            value = float(value)
        if type(value) is not kind:
            wanted = "a list of strings" if kind is tuple else f"a value of type {kind.__name__}"
            raise ConfigError(f"{place} takes {wanted}, not {value!r}")
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            if self.low is not None and value < self.low:
                raise ConfigError(f"{place} is {value}; the smallest value allowed is {self.low}")
            if self.high is not None and value > self.high:
                raise ConfigError(f"{place} is {value}; the largest value allowed is {self.high}")
        parsed: T = value
        return parsed


class At(msgspec.Struct, frozen=True):
    """Where an example's finding is expected.

    Attributes:
        split: Split of the finding; None where the finding is about all splits.
        row: A record number that must be among the finding's rows; None where it has no rows.
        column: A column that must be among the finding's columns; None for any.
    """

    split: str | None = "train"
    row: int | None = None
    column: str | None = None


class Example(msgspec.Struct, frozen=True):
    """A small input on which a check must, or must not, report something.

    Attributes:
        train: Columns by name, or the bytes of a CSV file, or of a JSON Lines file (they begin
            with a brace).
        test: The same for the test split.
        validation: The same for the validation split.
        label: Label column; None to infer it.
        id: Id column; None to infer it.
        group: Group column; None to infer it.
        time: Time column; None to infer it.
        text: Text columns; empty to infer them.
        expect: Every place that must be found; empty for a good example.
        title: One line for the check's page.
        options: Options of the check that it needs, by name.
    """

    train: Mapping[str, Sequence[Any]] | bytes
    test: Mapping[str, Sequence[Any]] | bytes | None = None
    validation: Mapping[str, Sequence[Any]] | bytes | None = None
    label: str | None = None
    id: str | None = None
    group: str | None = None
    time: str | None = None
    text: tuple[str, ...] = ()
    expect: tuple[At, ...] = ()
    title: str = ""
    options: Mapping[str, Any] = msgspec.field(default_factory=lambda: MappingProxyType({}))


class Check:
    """One rule. Subclasses set the class attributes and write `run`; their docstring is the page.

    Attributes:
        code: Family and number, "DUP001". Never reused.
        name: States the defect: "duplicate-rows".
        severity: Severity of its findings unless the config says otherwise.
        fast: Whether it runs under --fast (no model, no similarity search).
        needs: What it cannot do without; the runner skips it with the need's text.
        uses: Roles whose being guessed makes its findings guesses ("label", "id", …).
        ordered: Whether the order of the rows matters to it; else a shuffle changes nothing but
            row numbers.
        structural: Whether it looks at how the file is written: it sees empty splits as well, and
            runs under --fast.
        bad: Examples that must be found.
        good: Examples that must not.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    severity: ClassVar[Severity]
    fast: ClassVar[bool] = True
    needs: ClassVar[tuple[Need, ...]] = ()
    uses: ClassVar[tuple[str, ...]] = ()
    ordered: ClassVar[bool] = False
    structural: ClassVar[bool] = False
    bad: ClassVar[tuple[Example, ...]] = ()
    good: ClassVar[tuple[Example, ...]] = ()

    def __init__(
        self, configured: Mapping[str, Any] | None = None, severity: Severity | None = None
    ) -> None:
        self.configured = dict(configured or {})
        self.set_severity = severity
        self.sampled = ""

    def run(self, data: Dataset) -> AsyncIterator[Finding]:
        """Yield the findings; `await` a query of a split to take part in the next shared pass."""
        raise NotImplementedError

    @classmethod
    def options(cls) -> dict[str, Option[Any]]:
        """The check's options by name, in the order in which they are written."""
        found: dict[str, Option[Any]] = {}
        for base in reversed(cls.__mro__):
            found.update({k: v for k, v in vars(base).items() if isinstance(v, Option)})
        return found

    @classmethod
    def configure(cls, settings: Mapping[str, Any]) -> Check:
        """The check with the settings of `[tool.dataguard.checks.CODE]`.

        Raises:
            ConfigError: Unknown option or severity, wrong type, out of bounds.
        """
        known = cls.options()
        values: dict[str, Any] = {}
        severity: Severity | None = None
        for key, value in settings.items():
            if key == "severity":
                levels = {str(s): s for s in Severity}
                if value not in levels:
                    hint = did_you_mean(str(value), levels)
                    raise ConfigError(f"checks.{cls.code}.severity: no level '{value}'{hint}")
                severity = levels[value]
            elif key in known:
                values[key] = known[key].parse(cls.code, value)
            else:
                hint = did_you_mean(key, ["severity", *known])
                raise ConfigError(f"checks.{cls.code} has no option '{key}'{hint}")
        return cls(values, severity)

    def note_sample(self, used: int, of: int) -> None:
        """Say in the outcome that the answer rests on `used` of `of` rows."""
        if used < of:
            self.sampled = f"{used} of {of} rows"

    def finding(
        self,
        message: str,
        *,
        split: Split | None = None,
        rows: Sequence[int] = (),
        columns: tuple[str, ...] = (),
        examples: Sequence[Mapping[str, Any]] = (),
        evidence: Mapping[str, Any] | None = None,
        fix: str = "",
        severity: Severity | None = None,
        confidence: float = 1.0,
        line: int | None = None,
        lines: Sequence[int] = (),
        scores: Sequence[float] = (),
        groups: Sequence[int] = (),
        notes: Sequence[str] = (),
    ) -> Finding:
        """A finding of this check; the linter adds path, lines and fingerprint.

        Args:
            severity: Overrides the check's own; the config's setting wins over both.
            examples: Offending cells, see `cells` in `dataguard.api`.
            The rest: see `Finding`. `rows` must be ascending, parallel sequences alike.
        """
        facts = dict(evidence or {})
        if examples:
            facts["examples"] = [dict(e) for e in examples]
        return Finding(
            code=self.code,
            name=self.name,
            severity=self.set_severity or severity or self.severity,
            message=message,
            split=split.name if split else None,
            rows=rows,
            row_count=len(rows),
            columns=columns,
            line=line,
            confidence=confidence,
            evidence=facts,
            fix=fix,
            lines=lines,
            scores=scores,
            groups=groups,
            notes=notes,
        )

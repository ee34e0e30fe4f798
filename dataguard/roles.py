"""Which column is the label, the text, the id, the time, the group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from dataguard.dataset import Column, Kind
from dataguard.errors import UsageError, did_you_mean
from dataguard.finding import RoleInfo

ROLES = ("label", "text", "id", "time", "group")

LABEL_NAMES = (
    "label", "labels", "target", "class", "y", "sentiment", "category", "intent", "outcome",
    "is_spam", "is_fraud", "fraud", "spam", "churn", "churned", "attrition", "toxic", "species",
    "diagnosis", "survived", "rating_class", "target_class", "class_label", "gold_label",
    "ground_truth",
)  # fmt: skip
"""Names by which labels usually go, surest first. Compared in lower case, `-` and ` ` as `_`."""

ID_NAMES = (
    "id", "_id", "uuid", "guid", "uid", "record_id", "row_id", "rowid", "rec_id", "sample_id",
    "example_id", "rownames", "row_names", "unnamed:_0", "index", "idx",
)  # fmt: skip

ID_WORDS = (
    "id",
    "no",
    "nr",
    "number",
    "key",
    "ref",
    "reference",
    "code",
    "ticket",
    "case",
    "order",
)
"""Last words of the name of a table's first column by which it is taken for an id."""

ROW_WORDS = ("no", "nr", "key")
"""Last of several words ("review_no") by which any column is taken for one."""

MOSTLY_DISTINCT = 0.95
"""Share of distinct values of a column that is an id by the end of its name: copies of rows and
ids given out twice, both faults to be found, take away some; foreign keys repeat far more."""

GROUP_NAMES = (
    "group", "group_id", "groups", "patient", "patient_id", "subject", "subject_id", "user_id",
    "customer_id", "client_id", "person_id", "speaker", "speaker_id", "author_id", "household_id",
    "session_id", "conversation_id", "thread_id", "document_id", "doc_id", "participant_id",
    "device_id", "site_id", "account_id",
)  # fmt: skip

REPEATED_ID_NAMES = ("id", "_id", "uuid", "guid", "uid", "subj", "pid", "ptid", "person", "child")
"""Names of ids that, where they repeat, name what several rows were measured on."""

LEAST_IDS = 20
"""Distinct ids from which on they are groups; fewer may be any numbering."""

TIME_NAMES = ("time", "date", "datetime", "timestamp", "created_at", "created", "ts", "event_time")


class GivenRoles(msgspec.Struct, frozen=True):
    """The columns that the user named. Empty means: infer."""

    label: str | None = None
    text: tuple[str, ...] = ()
    id: str | None = None
    time: str | None = None
    group: str | None = None

    def items(self) -> list[tuple[str, tuple[str, ...]]]:
        """(role, columns) of every role that was given."""
        pairs = [(r, getattr(self, r)) for r in ROLES]
        return [(r, (v,) if isinstance(v, str) else tuple(v)) for r, v in pairs if v]


def assign(
    given: GivenRoles, columns: Sequence[Column], known: Sequence[str]
) -> dict[str, RoleInfo]:
    """The role of every column that has one.

    Args:
        given: What the user said.
        columns: Columns of the training split, by which roles are inferred.
        known: Names of the columns of all splits.

    Raises:
        UsageError: A named column is in no split.
    """
    roles: dict[str, RoleInfo] = {}
    for role, names in given.items():
        for name in names:
            if name not in known:
                raise UsageError(f"no column '{name}' for --{role}{did_you_mean(name, known)}")
        roles[role] = RoleInfo(names, inferred=False)
    taken = {n for info in roles.values() for n in info.columns}
    free = [c for c in columns if c.name not in taken and c.kind is not Kind.EMPTY]
    for role, guess in (("id", _id), ("label", _label), ("group", _group), ("time", _time)):
        if role not in roles:
            found = guess([c for c in free if c.name not in taken])
            if found is not None:
                roles[role] = RoleInfo((found.name,), inferred=True)
                taken.add(found.name)
    if "text" not in roles:
        texts = tuple(c.name for c in free if c.name not in taken and c.kind is Kind.TEXT)
        if texts:
            roles["text"] = RoleInfo(texts, inferred=True)
    return {role: roles[role] for role in ROLES if role in roles}


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def _named(columns: Sequence[Column], names: Sequence[str]) -> list[Column]:
    rank = {name: i for i, name in enumerate(names)}
    found = [c for c in columns if _plain(c.name) in rank]
    return sorted(found, key=lambda c: rank[_plain(c.name)])


def _label(columns: Sequence[Column]) -> Column | None:
    """The best-named column with at least two values that is neither free text nor ids."""
    for column in _named(columns, LABEL_NAMES):
        classes = column.kind is Kind.CATEGORY or column.kind is Kind.NUMBER
        few = column.distinct <= max(20, column.sampled // 5) or _plain(column.name) == "target"
        if classes and few and column.distinct >= 2:
            return column
    return None


def _id(columns: Sequence[Column]) -> Column | None:
    """A column named as an id, or a well-named first one, whose values are nearly all distinct."""
    for column in _named(columns, ID_NAMES):
        if column.kind in (Kind.NUMBER, Kind.CODE, Kind.CATEGORY) and column.distinct_share >= 0.9:
            return column
    for i, column in enumerate(columns):
        name = _plain(column.name)
        last = name.rpartition("_")[2]
        named = name.endswith("_id") or column.name.endswith(("Id", "ID"))
        named |= name.count("_") > 0 and last in ROW_WORDS
        named |= i == 0 and (last in ID_WORDS or (name.endswith("id") and len(name) <= 4))
        codes = column.kind is Kind.CODE or (column.kind is Kind.NUMBER and column.whole)
        if named and codes:
            if column.distinct_share >= MOSTLY_DISTINCT:
                return column
    return None


def _group(columns: Sequence[Column]) -> Column | None:
    """A column named as a group, or as an id, whose values repeat."""
    kinds = (Kind.NUMBER, Kind.CODE, Kind.CATEGORY)
    for column in _named(columns, GROUP_NAMES):
        if column.kind in kinds and column.distinct >= 2 and column.distinct_share <= 0.9:
            return column
    for column in _named(columns, REPEATED_ID_NAMES):
        many = column.distinct >= LEAST_IDS and column.distinct_share <= 0.67
        if many and (column.kind in kinds[1:] or (column.kind is Kind.NUMBER and column.whole)):
            return column
    return None


def _time(columns: Sequence[Column]) -> Column | None:
    named = [c for c in _named(columns, TIME_NAMES) if c.kind is Kind.DATE]
    return named[0] if named else None


def describe(roles: Mapping[str, RoleInfo]) -> str:
    """One line for people: "label: `sentiment` (inferred), text: `review`"."""
    parts = []
    for role, info in roles.items():
        names = ", ".join(f"`{n}`" for n in info.columns)
        parts.append(f"{role}: {names}" + (" (inferred)" if info.inferred else ""))
    return ", ".join(parts)

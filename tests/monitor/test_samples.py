from __future__ import annotations

import io

import pytest

torch = pytest.importorskip("torch", reason="needs torch: pip install '.[test]'")

from sklearn.datasets import load_digits  # noqa: E402

from dataguard.errors import UsageError  # noqa: E402
from dataguard.finding import ROWS_COLUMNS  # noqa: E402
from dataguard.monitor.samples import SampleTracker  # noqa: E402


def train_on_digits(tracker: SampleTracker, wrong: int = 100) -> set[int]:
    """Train on digits of which the first `wrong` have the next class as label."""
    values, classes = load_digits(return_X_y=True)
    inputs = torch.tensor(values / 16.0, dtype=torch.float32)
    labels = torch.tensor(classes)
    labels[:wrong] = (labels[:wrong] + 1) % 10
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10))
    optimiser = torch.optim.Adam(model.parameters(), 2e-3)
    for _ in range(20):
        for batch in torch.randperm(len(inputs)).split(64):
            logits = model(inputs[batch])
            loss = torch.nn.functional.cross_entropy(logits, labels[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            tracker.update(batch, logits, labels[batch])
        if tracker.end_epoch():
            break
    return set(range(wrong))


def test_the_wrong_labels_are_ranked_first_with_the_right_class() -> None:
    tracker = SampleTracker(1797)
    wrong = train_on_digits(tracker)
    first = tracker.ranked()[:100]
    assert len({s.row for s in first} & wrong) >= 90
    _, classes = load_digits(return_X_y=True)
    found = [s for s in first if s.row in wrong]
    assert sum(s.suggested == classes[s.row] for s in found) >= 0.8 * len(found)
    assert tracker.frozen


def test_the_rows_are_those_of_lint() -> None:
    tracker = SampleTracker(1797)
    train_on_digits(tracker)
    rows = tracker.to_rows(20, column="digit")
    assert list(ROWS_COLUMNS) == rows.columns
    assert rows.height == 20
    assert {"LAB002"} == set(rows["code"])
    assert rows["score"].is_sorted(descending=True)


def test_losses_alone_will_do() -> None:
    tracker = SampleTracker(4)
    for _ in range(2):
        tracker.update(torch.arange(4), losses=torch.tensor([0.1, 3.0, 0.2, 0.1]))
        tracker.end_epoch()
    assert tracker.ranked()[0].row == 1
    assert tracker.ranked()[0].suggested is None


def test_later_epochs_do_not_count() -> None:
    tracker = SampleTracker(2, epochs=2)
    for _ in range(2):
        tracker.update(torch.arange(2), losses=torch.tensor([1.0, 2.0]))
        tracker.end_epoch()
    before = tracker.ranked()
    tracker.update(torch.arange(2), losses=torch.tensor([100.0, 0.0]))
    assert before == tracker.ranked()


def test_saving_and_restoring_changes_nothing() -> None:
    whole, parts = SampleTracker(3, epochs=4), SampleTracker(3, epochs=4)
    for epoch in range(4):
        losses = torch.tensor([1.0, 3.0 - epoch, 2.0])
        for tracker in (whole, parts):
            tracker.update(torch.arange(3), losses=losses)
            tracker.end_epoch()
        file = io.BytesIO()
        torch.save(parts.state_dict(), file)
        file.seek(0)
        parts = SampleTracker(3, epochs=4)
        parts.load_state_dict(torch.load(file))
    assert whole.ranked() == parts.ranked()
    assert whole.frozen == parts.frozen


def test_wrong_use_is_told() -> None:
    with pytest.raises(UsageError, match="give logits and labels, or losses"):
        SampleTracker(3).update(torch.arange(3))
    with pytest.raises(UsageError, match="at least"):
        SampleTracker(0)
    assert SampleTracker(3).ranked() == []


def test_a_state_is_a_copy_and_validation_mode_does_no_harm() -> None:
    tracker = SampleTracker(2, epochs=4)
    with torch.inference_mode():
        tracker.update(torch.arange(2), losses=torch.tensor([1.0, 2.0]))
    state = tracker.state_dict()
    tracker.update(torch.arange(2), losses=torch.tensor([5.0, 0.0]))
    again = SampleTracker(2, epochs=4)
    again.load_state_dict(state)
    assert [suspect.row for suspect in again.ranked()] == [1, 0]
    assert [suspect.row for suspect in tracker.ranked()] == [0, 1]

"""How well the tracker of samples ranks wrong labels: on digits and on a synthetic set."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dataguard.monitor.samples import Suspect

NOISE, SEEDS = 0.2, (100, 101, 102)
"""Share of flipped labels; seeds on which nothing was tuned."""


def measure() -> Iterator[str]:
    """One line a set and kind of noise, then what a step costs."""
    for name in ("digits", "synthetic"):
        for kind in ("uniform", "pair"):
            found = [_auroc(*_trained(name, kind, seed)) for seed in SEEDS]
            low, high = min(found), max(found)
            yield f"{name:<10}{kind:<8} {statistics.fmean(found):.3f}  ({low:.3f} to {high:.3f})"
    yield _cost()


def _trained(name: str, kind: str, seed: int) -> tuple[list[Suspect], set[int]]:
    import torch

    from dataguard.monitor.samples import SampleTracker

    inputs, classes = _data(name)
    noisy, wrong = _flipped(classes, kind, seed)
    torch.manual_seed(seed)
    rows, labels = torch.tensor(inputs), torch.tensor(noisy)
    number = int(classes.max()) + 1
    model = torch.nn.Sequential(
        torch.nn.Linear(inputs.shape[1], 256), torch.nn.ReLU(), torch.nn.Linear(256, number)
    )
    optimiser = torch.optim.Adam(model.parameters(), 1e-3)
    tracker = SampleTracker(len(rows))
    for _ in range(40):
        for batch in torch.randperm(len(rows)).split(64):
            logits = model(rows[batch])
            loss = torch.nn.functional.cross_entropy(logits, labels[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            tracker.update(batch, logits, labels[batch])
        if tracker.end_epoch():
            break
    return tracker.ranked(), wrong


def _data(name: str) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    import numpy as np
    from sklearn.datasets import load_digits, make_classification

    if name == "digits":
        inputs, classes = load_digits(return_X_y=True)
        return (inputs / 16.0).astype(np.float32), classes.astype(np.int64)
    inputs, classes = make_classification(
        3000, 20, n_informative=12, n_classes=6, n_clusters_per_class=1, class_sep=1.2,
        random_state=0,
    )  # fmt: skip
    return inputs.astype(np.float32), classes.astype(np.int64)


def _flipped(
    classes: NDArray[np.int64], kind: str, seed: int
) -> tuple[NDArray[np.int64], set[int]]:
    import numpy as np

    draw = np.random.default_rng(seed)
    number = int(classes.max()) + 1
    wrong = draw.random(len(classes)) < NOISE
    shift = draw.integers(1, number, len(classes)) if kind == "uniform" else 1
    noisy = np.where(wrong, (classes + shift) % number, classes)
    return noisy, set(np.flatnonzero(wrong).tolist())


def _auroc(ranked: list[Suspect], wrong: set[int]) -> float:
    """Area under the ROC curve of the ranking."""
    ordered = [suspect.row in wrong for suspect in reversed(ranked)]
    ranks = [place for place, bad in enumerate(ordered, 1) if bad]
    bad, good = len(ranks), len(ordered) - len(ranks)
    return (sum(ranks) - bad * (bad + 1) / 2.0) / (bad * good)


def _cost() -> str:
    """Time that the tracker adds to a step of a small convolutional network on the CPU."""
    import torch

    from dataguard.monitor.samples import SampleTracker

    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Conv2d(3, 32, 3, padding=1), torch.nn.ReLU(),
        torch.nn.Conv2d(32, 32, 3, padding=1), torch.nn.ReLU(),
        torch.nn.AdaptiveAvgPool2d(4), torch.nn.Flatten(), torch.nn.Linear(512, 10),
    )  # fmt: skip
    optimiser = torch.optim.SGD(model.parameters(), 0.01)
    inputs, labels = torch.randn(128, 3, 32, 32), torch.randint(0, 10, (128,))
    batch, tracker = torch.arange(128), SampleTracker(50_000)
    plain: list[float] = []
    added: list[float] = []
    for _ in range(30):
        begun = time.perf_counter()
        logits = model(inputs)
        loss = torch.nn.functional.cross_entropy(logits, labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        between = time.perf_counter()
        tracker.update(batch, logits, labels)
        plain.append(between - begun)
        added.append(time.perf_counter() - between)
    share = statistics.median(added) / statistics.median(plain)
    return f"a step takes {share:.1%} longer (small convolutional network, batch of 128; limit 2 %)"

"""Watches training and validation loss and flags overfitting early.

`Monitor().update(step=…, train_loss=…, val_loss=…)` gives a `Verdict`. The callbacks for training
frameworks are in `dataguard.monitor.adapters`, each of which imports its framework.
"""

from __future__ import annotations

from dataguard.finding import Severity
from dataguard.monitor.core import Monitor, Verdict
from dataguard.monitor.rule import Event

__all__ = ["Event", "Monitor", "Severity", "Verdict"]

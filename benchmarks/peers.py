"""Other tools on the same files, for comparison."""

from __future__ import annotations

from pathlib import Path

from benchmarks.planting.sheet import Truth
from benchmarks.scoring import EXPECT, Flag


def cleanlab_alone(path: Path, truth: Truth) -> list[Flag]:
    """Rows that cleanlab names, on five-fold logistic regression over plain features.

    Texts become TF-IDF of words and word pairs; other tables standardised numbers and one-hot
    categories, identifiers left out. cleanlab runs with its defaults.
    """
    import numpy as np
    import pandas as pd
    from cleanlab.filter import find_label_issues
    from sklearn.compose import make_column_transformer
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    table = pd.read_csv(path, sep=None, engine="python", keep_default_na=False)
    labels = np.unique(table[truth.roles["label"]].to_numpy(), return_inverse=True)[1]
    rest = table.drop(columns=[truth.roles["label"], truth.roles["id"]])
    texts = truth.roles["text"]
    if texts:
        features = make_column_transformer(
            *((TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True), t) for t in texts)
        )
    else:
        numbers = [name for name in rest.columns if rest[name].dtype.kind in "if"]
        words = [n for n in rest.columns if n not in numbers and rest[n].nunique() < 50]
        features = make_column_transformer(
            (StandardScaler(), numbers), (OneHotEncoder(handle_unknown="ignore"), words)
        )
    model = make_pipeline(features, LogisticRegression(max_iter=2000))
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    guessed = cross_val_predict(model, rest, labels, cv=folds, method="predict_proba")
    issues = find_label_issues(labels, guessed)
    column = frozenset({str(truth.roles["label"])})
    rule = EXPECT["flipped-labels"][0]
    return [Flag(rule, "train", int(row), -1, column) for row in np.flatnonzero(issues)]

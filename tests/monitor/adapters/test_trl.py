"""The monitor in TRL's SFTTrainer, on a small language model made here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dataguard.monitor import Event, Monitor, Severity

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install '.[test]'")
trl = pytest.importorskip("trl", reason="needs TRL: pip install '.[test]'")

from datasets import Dataset  # noqa: E402
from tokenizers import Tokenizer, models, pre_tokenizers  # noqa: E402
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast  # noqa: E402
from trl import SFTConfig, SFTTrainer  # noqa: E402

from dataguard.monitor.adapters.transformers import MonitorCallback  # noqa: E402

torch.set_num_threads(1)

# TRL's SFTConfig sets `gradient_checkpointing`, which Transformers 5 calls by another name.
pytestmark = pytest.mark.filterwarnings(
    "ignore:`gradient_checkpointing` is deprecated:FutureWarning"
)

WORDS = [f"w{i}" for i in range(24)]


def random_texts(rows: int, seed: int) -> list[str]:
    """Words drawn at random: they can be learnt by heart, and nothing else can be learnt."""
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, 12)) for _ in range(rows)]


def counting_texts(rows: int, seed: int) -> list[str]:
    """Each word is followed by the next one, or the one after it: all texts share that."""
    rng = np.random.default_rng(seed)
    walks = rng.integers(0, 24, (rows, 1)) + rng.integers(1, 3, (rows, 12)).cumsum(1)
    return [" ".join(WORDS[i % 24] for i in walk) for walk in walks]


def tokenizer() -> PreTrainedTokenizerFast:
    vocabulary = {word: i for i, word in enumerate(["<pad>", "<eos>", "<unk>", *WORDS])}
    made = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    return PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="<pad>", eos_token="<eos>", unk_token="<unk>"
    )


def train(
    folder: Path, train: list[str], validation: list[str], callback: MonitorCallback, **options: Any
) -> SFTTrainer:
    torch.manual_seed(0)
    width = options.pop("width")
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=27,
            hidden_size=width,
            intermediate_size=2 * width,
            num_hidden_layers=1,
            num_attention_heads=2,
            num_key_value_heads=2,
            max_position_embeddings=32,
            pad_token_id=0,
            eos_token_id=1,
            bos_token_id=None,
        )
    )
    settings = SFTConfig(
        output_dir=str(folder),
        per_device_train_batch_size=16,
        per_device_eval_batch_size=64,
        lr_scheduler_type="constant",
        eval_strategy="epoch",
        logging_strategy="epoch",
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        use_cpu=True,
        bf16=False,
        dataloader_pin_memory=False,
        max_length=32,
        **options,
    )
    run = SFTTrainer(
        model=model,
        args=settings,
        train_dataset=Dataset.from_dict({"text": train}),
        eval_dataset=Dataset.from_dict({"text": validation}),
        processing_class=tokenizer(),
        callbacks=[callback],
    )
    run.train()
    return run


def codes(events: list[Event] | tuple[Event, ...]) -> list[str]:
    return [event.code for event in events if event.severity >= Severity.WARNING]


def test_an_overfitting_run_is_flagged_and_goes_on(tmp_path: Path) -> None:
    heard: list[Event] = []
    callback = MonitorCallback(on_event=heard.append)
    texts = random_texts(32, 0), random_texts(32, 1)
    run = train(tmp_path, *texts, callback, width=64, num_train_epochs=20, learning_rate=0.01)
    assert "MON001" in codes(heard)
    assert run.state.global_step == 40


def test_a_healthy_run_is_not_flagged(tmp_path: Path) -> None:
    callback = MonitorCallback()
    texts = counting_texts(320, 0), counting_texts(64, 1)
    train(tmp_path, *texts, callback, width=16, num_train_epochs=8, learning_rate=0.003)
    assert codes(callback.monitor.events) == []
    assert callback.monitor.best_step is not None


def test_it_stops_where_asked(tmp_path: Path) -> None:
    callback = MonitorCallback(Monitor(stop_on=("MON001",)))
    texts = random_texts(32, 0), random_texts(32, 1)
    run = train(tmp_path, *texts, callback, width=64, num_train_epochs=20, learning_rate=0.01)
    assert run.state.global_step < 40

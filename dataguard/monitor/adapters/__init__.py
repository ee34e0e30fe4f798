"""Callbacks for training frameworks: one file a framework, which alone imports it."""

"""Measurements of dataguard: detection quality, false alarms and speed, each by one command."""

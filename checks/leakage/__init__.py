"""What a model must not know when it is judged."""

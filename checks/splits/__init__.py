"""Whether the splits can judge a model at all."""

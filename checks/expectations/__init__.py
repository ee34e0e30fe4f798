"""What a suite of Great Expectations expects."""

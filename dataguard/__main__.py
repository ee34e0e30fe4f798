"""`python -m dataguard`."""

from dataguard.cli import main

main()

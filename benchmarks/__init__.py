"""The benchmarks of docs/benchmarks.md: ``make bench`` runs them all. No part of the installed product."""

"""What the integration suite, the survival scripts and the benchmarks share: a server process and an HTTP client."""

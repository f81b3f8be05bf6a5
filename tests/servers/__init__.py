"""Real servers of vendors, run for the tests in containers where an engine answers, else as processes."""

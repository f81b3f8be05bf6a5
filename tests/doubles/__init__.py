"""Servers that behave as real ones do, written from the vendors' documents; they import nothing of the product."""

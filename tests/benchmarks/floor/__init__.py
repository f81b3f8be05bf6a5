"""The least that the work can cost in Python: what each figure of the product is held against.

A floor does the reading and asking alone, with the standard library, in a process of its own like the product does.
"""

"""Rules over what Git declares and what a change does to it; each broken one is a finding.

The steps: read rule files (``loading``), choose which rules hold where and at which level (``selection``), make the
values that rules see (``facts`` and a module a format), evaluate (``evaluation``). Only loading does I/O.
"""

"""What ``check`` is made of: the history in Git, verdicts offline and asked of registries.

The base of a change is here too, which approvals, policies and ``promote`` set out from as well.
"""

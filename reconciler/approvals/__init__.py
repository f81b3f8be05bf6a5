"""Who has to approve of which changes, and who did; pure.

::

    rules       the section `approvals` of schemafed.yaml            rules.py
    values      what was touched, what was reviewed, what it came to values.py
    evaluation  rules + what was touched + reviews -> findings       evaluation.py
    waivers     approvers of waivers + reviews -> findings           waivers.py

Reading is :mod:`reconciler.operations.approving.sources`; reviews come from :mod:`reconciler.forge`, owners from its
``code_owners``.
"""

"""What ``action.yml`` runs: one command, and its reports where a pull request shows them.

::

    inputs      what the workflow asked for                      inputs.py
    running     the command line, with its reports               running.py
    outcomes    what it came to: counts, digest, exit code       outcomes.py
    reviewed    the plan that was reviewed, for an apply         reviewed.py
    posting     one comment a key, or one issue                  posting.py
    publishing  summary, annotations and outputs of the job      publishing.py
"""

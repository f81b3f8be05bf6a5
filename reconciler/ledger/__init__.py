"""The ledger: what was last applied, by whom and from which commit, in a ref of the Git repository itself.

It is an append-only chain of commits. The tree of the newest says what is applied now and what a run is about to do;
the messages say what happened. It only ever goes on from what was read, so a push decides which of two runs was first.

The package's own modules are imported by name, so that what needs values only loads nothing else.
"""

"""Forges: where pull requests are discussed, reviewed and merged.

::

    Forge           what is asked of GitHub, Gitea and GitLab alike     values.py
    ├── GitHub      also Gitea, whose interface is nearly the same      github.py
    └── GitLab                                                          gitlab.py
    Connection      pages and errors over the seam of reconciler.http   connection.py
    markers         how a comment of ours is known again                markers.py
    events          the pull request or push that a job runs for        events.py
    code owners     whom CODEOWNERS names for a file                    code_owners.py
"""

from reconciler.forge.opening import open_forge
from reconciler.forge.values import Comment, Forge, Issue, PullRequest, Review, ReviewState

__all__ = ["Comment", "Forge", "Issue", "PullRequest", "Review", "ReviewState", "open_forge"]

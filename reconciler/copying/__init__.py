"""Copying one registry into another: what is there on either side to what is to be written. Pure."""

from reconciler.copying.planning import plan_copy
from reconciler.copying.values import CopyPlan, CopyRequest, Side, SubjectCopy, VersionCopy, VersionKey
from reconciler.copying.verifying import verify_copy

__all__ = [
    "CopyPlan",
    "CopyRequest",
    "Side",
    "SubjectCopy",
    "VersionCopy",
    "VersionKey",
    "plan_copy",
    "verify_copy",
]

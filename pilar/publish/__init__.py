"""Publish: a fresh candidate file, its manifest, the atomic flip, rollback and retention."""

from pilar.publish.candidate import (
    PublishError,
    build_candidate,
    candidate_path,
    current_commit,
    publishable,
    sweep,
)
from pilar.publish.flip import PersonalDataFound, Release, current, find, finish, prune, releases, remove, rollback
from pilar.publish.manifest import content_digest, row_counts, table_checksums

__all__ = [
    "PersonalDataFound",
    "PublishError",
    "Release",
    "build_candidate",
    "candidate_path",
    "content_digest",
    "current",
    "current_commit",
    "find",
    "finish",
    "prune",
    "publishable",
    "releases",
    "remove",
    "rollback",
    "row_counts",
    "sweep",
    "table_checksums",
]

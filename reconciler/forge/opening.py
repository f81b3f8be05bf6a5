"""From the variables of a CI system to its forge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from reconciler.forge.connection import Connection
from reconciler.forge.github import GITEA, GITHUB, GitHub
from reconciler.forge.gitlab import GitLab
from reconciler.forge.values import Forge
from reconciler.http import ClientSettings, HttpClient, RetryPolicy, make_endpoint
from reconciler.http.proxies import resolve_proxy

_PATIENCE = RetryPolicy(retries=3, first_delay=0.5, longest_retry_after=30.0)
_TIMEOUT = 30.0


def open_forge(variables: Mapping[str, str], token: str | None = None) -> Forge | None:
    """Open the repository of the forge that the variables of a CI system name; None where they name none.

    Args:
        variables: of GitHub's or Gitea's actions (``GITHUB_API_URL``, ``GITHUB_REPOSITORY``), or of GitLab
            (``CI_API_V4_URL``, ``CI_PROJECT_ID``).
        token: by default ``GITHUB_TOKEN``, or ``SCHEMAFED_GITLAB_TOKEN`` on GitLab.
    """
    if variables.get("CI_API_V4_URL") and variables.get("CI_PROJECT_ID"):
        secret = token or variables.get("SCHEMAFED_GITLAB_TOKEN")
        url = variables["CI_API_V4_URL"]
        if not secret:
            return None
        connection = _connect(url, {"PRIVATE-TOKEN": secret}, "GitLab", variables)
        return GitLab(connection, variables["CI_PROJECT_ID"])
    secret = token or variables.get("GITHUB_TOKEN")
    repository = variables.get("GITHUB_REPOSITORY", "")
    if not secret or repository.count("/") != 1:
        return None
    kind = GITEA if variables.get("GITEA_ACTIONS") == "true" else GITHUB
    url = variables.get("GITHUB_API_URL") or "https://api.github.com"
    headers = {"Authorization": f"Bearer {secret}", **kind.headers}
    return GitHub(_connect(url, headers, kind.name, variables), repository, kind)


def _connect(url: str, headers: Mapping[str, str], name: str, variables: Mapping[str, str]) -> Connection:
    endpoint = make_endpoint(url, read_timeout=_TIMEOUT)
    proxy = resolve_proxy(endpoint.scheme, endpoint.host, endpoint.port, None, variables)
    client = HttpClient(replace(endpoint, proxy=proxy), ClientSettings(retry=_PATIENCE), name)
    return Connection(client, headers, endpoint.prefix)

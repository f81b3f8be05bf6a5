"""What approvals are judged from: the rules and owners of a revision, and the reviews of a pull request."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from reconciler import git
from reconciler.approvals.evaluation import Demand, check_approvals, find_teams, make_unconfirmed
from reconciler.approvals.rules import ApprovalRule, Webhook
from reconciler.approvals.values import Judged, Levels, Missing, Reviewed
from reconciler.approvals.waivers import check_waiver_approvals, make_unconfirmed_waivers, name_approver
from reconciler.config import FILE_NAME, Config
from reconciler.errors import ForgeError, RegistryError, SchemafedError
from reconciler.forge import Forge, PullRequest, open_forge
from reconciler.forge.code_owners import PLACES, CodeOwners, make_code_owners
from reconciler.forge.events import Event, read_event
from reconciler.http import ClientSettings, HttpClient, Request, make_endpoint
from reconciler.http.proxies import resolve_proxy
from reconciler.model import Finding, Location, Severity, Source, Waiver
from reconciler.operations.checking.base_settings import load_config_text
from reconciler.secrets import Secrets

NO_FORGE = "no forge can be asked"
NO_FORGE_FIX = (
    "run it in CI with a token, or set GITHUB_REPOSITORY and GITHUB_TOKEN"
    " (CI_API_V4_URL, CI_PROJECT_ID and SCHEMAFED_GITLAB_TOKEN on GitLab)"
)


@dataclass(frozen=True)
class Ruling:
    """By what changes of a revision are judged: its rules and whom its CODEOWNERS names."""

    rules: tuple[ApprovalRule, ...] = ()
    code_owners: CodeOwners = field(default_factory=CodeOwners)
    # A pull request that could name another address would send secrets there.
    webhook: Webhook | None = None


def load_ruling(root: Path, revision: str, config: Config) -> Ruling:
    """Load the rules and owners of a revision.

    Args:
        config: schemafed.yaml as it is now; it counts where that of the revision cannot be read at all.
    """
    found = git.ask(root, "cat-file", "blob", f"{revision}:./{FILE_NAME}")
    if found.returncode:
        return Ruling()
    approvals = (load_config_text(root, found.stdout) or config).approvals
    if not approvals.rules:
        return Ruling()
    return Ruling(tuple(approvals.rules), load_code_owners(root, revision), approvals.webhook)


def load_code_owners(root: Path, revision: str | None) -> CodeOwners:
    """Load CODEOWNERS of a revision, or of the work tree, from wherever a forge looks for it."""
    prefix = git.run(root, "rev-parse", "--show-prefix").decode().strip()
    top = git.find_work_tree(root) or root
    for place in PLACES:
        content = _read(root, top, revision, place)
        if content is not None:
            return make_code_owners(content.decode("utf-8", "replace"), prefix)
    return CodeOwners()


def _read(root: Path, top: Path, revision: str | None, place: str) -> bytes | None:
    if revision is None:
        return (top / place).read_bytes() if (top / place).is_file() else None
    found = git.ask(root, "cat-file", "blob", f"{revision}:{place}")
    return found.stdout if found.returncode == 0 else None


@dataclass(frozen=True)
class Forum:
    """Where reviews are read: the forge of this run, if there is one, and what the run is for."""

    forge: Forge | None
    event: Event
    _members: dict[str, frozenset[str] | None] = field(default_factory=dict)

    def read_reviewed(self, number: int, names: Iterable[str]) -> Reviewed:
        """Read a pull request with its reviews, and the members of the teams among some names.

        Raises:
            ForgeError: the pull request cannot be read; teams that cannot are None.
        """
        assert self.forge is not None
        found = self.forge.read_pull_request(number)
        teams = {team: self._read_members(team) for team in find_teams(names)}
        return Reviewed(number, found.author, found.head, self.forge.read_reviews(number), teams)

    def find_merged(self, commit: str) -> tuple[PullRequest, ...]:
        """The merged pull requests that brought a commit.

        Raises:
            ForgeError: they cannot be read.
        """
        assert self.forge is not None
        return tuple(p for p in self.forge.read_pull_requests_of(commit) if p.is_merged)

    def _read_members(self, team: str) -> frozenset[str] | None:
        assert self.forge is not None
        if team not in self._members:
            try:
                self._members[team] = self.forge.read_members(team)
            except ForgeError:
                self._members[team] = None
        return self._members[team]


@contextmanager
def opening_forum(variables: Mapping[str, str]) -> Iterator[Forum]:
    """Open the forge that the variables of a CI system name, for as long as it is asked.

    Raises:
        UsageError: the run is for an event that hands secrets to strangers.
    """
    event = read_event(variables)
    forge = open_forge(variables)
    try:
        yield Forum(forge, event)
    finally:
        if forge:
            forge.close()


def judge_pull_request(
    forum: Forum, demands: Sequence[Demand], waivers: Sequence[Waiver], levels: Levels
) -> tuple[Judged, int | None]:
    """Hold demands and waivers against the reviews of the pull request that this run is for.

    Outside of a pull request nothing can be confirmed, which is said and weighs nothing; what the forge does not answer
    weighs as the levels say.

    Returns:
        what they come to, and the pull request's number where it was read.
    """
    number = forum.event.pull_request
    if number is None:
        why = "this run is for no pull request"
        return _make_unconfirmed(demands, waivers, why, Severity.INFO, None), None
    if forum.forge is None:
        return _make_unconfirmed(demands, waivers, NO_FORGE, levels.unconfirmed, NO_FORGE_FIX), None
    try:
        reviewed = forum.read_reviewed(number, list_names(demands, waivers))
    except ForgeError as error:
        return _make_unconfirmed(demands, waivers, error.message, levels.unconfirmed, error.fix), None
    by_rules = check_approvals(demands, reviewed, levels)
    by_waivers = check_waiver_approvals(waivers, reviewed, levels)
    approvals = (*by_rules.approvals, *by_waivers.approvals)
    missing = (*by_rules.missing, *by_waivers.missing)
    return Judged((*by_rules.findings, *by_waivers.findings), approvals, missing), number


def _make_unconfirmed(
    demands: Sequence[Demand], waivers: Sequence[Waiver], why: str, level: Severity, fix: str | None
) -> Judged:
    told = make_unconfirmed(demands, why, level, fix)
    return Judged((*told, *make_unconfirmed_waivers(waivers, why, level)))


def list_names(demands: Iterable[Demand], waivers: Iterable[Waiver]) -> tuple[str, ...]:
    """Everybody whose approval may count."""
    return tuple(dict.fromkeys([*(n for d in demands for n in d.by), *map(name_approver, waivers)]))


def request_approvals(
    root: Path, forum: Forum, number: int, missing: Sequence[Missing], webhook: Webhook | None
) -> tuple[Finding, ...]:
    """Ask who is missing: by requests on the forge, and by the webhook; what could not be asked is a warning."""
    if not missing or forum.forge is None or forum.event.is_fork:
        return ()
    people = {person for each in missing for person in each.people}
    teams = {team for each in missing for team in each.teams}
    failed: list[SchemafedError] = []
    try:
        if people or teams:
            forum.forge.request_reviews(number, people, teams)
    except ForgeError as error:
        failed.append(error)
    try:
        if webhook:
            _post(root, webhook, number, missing)
    except SchemafedError as error:
        failed.append(error)
    return tuple(_make_unasked(error) for error in failed)


def _post(root: Path, webhook: Webhook, number: int, missing: Sequence[Missing]) -> None:
    """Tell a webhook what is missing.

    Raises:
        SecretError, RegistryError: its address cannot be resolved, or it does not answer well.
    """
    secrets = Secrets()
    url = secrets.resolve(webhook.url, root)[0]
    headers = {name: secrets.resolve(value, root)[0] for name, value in webhook.headers.items()}
    parts = urlsplit(url)
    endpoint = make_endpoint(f"{parts.scheme}://{parts.netloc}", read_timeout=30.0)
    proxy = resolve_proxy(endpoint.scheme, endpoint.host, endpoint.port, None, {})
    body = json.dumps(make_payload(number, missing)).encode()
    request = Request(
        "POST",
        parts.path or "/",
        dict(parse_qsl(parts.query)),
        headers={"Content-Type": "application/json", **headers},
        body=body,
        is_write=True,
        purpose="tell the webhook of missing approvals",
    )
    client = HttpClient(replace(endpoint, proxy=proxy), ClientSettings(), "webhook")
    try:
        client.send(request)
    except RegistryError as error:
        # The address may be the secret.
        raise RegistryError("the webhook of approvals did not take what was sent", status=error.status) from None
    finally:
        client.close()


def make_payload(number: int, missing: Iterable[Missing]) -> dict[str, object]:
    """What a webhook gets: the pull request, and by rule who could give how many approvals that are missing."""
    told = [
        {"rule": each.rule, "people": list(each.people), "teams": list(each.teams), "lacking": each.lacking}
        for each in missing
    ]
    return {"version": 1, "event": "approvals_missing", "pull_request": number, "missing": told}


def _make_unasked(error: SchemafedError) -> Finding:
    return Finding(
        "APPROVAL_NOT_REQUESTED",
        Severity.WARNING,
        Source.POLICY,
        f"approvals are missing and could not be asked for: {error.message}",
        location=Location(FILE_NAME),
        fix=error.fix or "ask by hand",
    )

"""From options to a client of AWS, with the whole chain of credentials that the AWS tools have."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.credentials import DeferredRefreshableCredentials, create_assume_role_refresher
from botocore.exceptions import BotoCoreError, ProfileNotFound

from adapters.glue.options import GlueOptions
from reconciler.aws_answers import refuse_cut_answers
from reconciler.errors import ConfigurationError

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient


@dataclass(frozen=True, slots=True)
class Connection:
    """A client of the service, and the session whose credentials it has."""

    client: GlueClient
    session: boto3.Session


def connect(options: GlueOptions, registry: str, root: Path) -> Connection:
    """Make a client; nothing is asked yet, so that a missing credential shows when the registry is spoken to.

    Raises:
        ConfigurationError: there is no such profile, no region, or an address that is none.
    """
    try:
        session = _make_session(options)
        client: GlueClient = session.client(
            "glue", endpoint_url=options.endpoint, config=_make_config(options), verify=find_ca(options, root)
        )
    except ProfileNotFound as error:
        raise ConfigurationError(
            f"registry {registry}: {error}", fix="name a profile of the AWS configuration, or leave `profile` out"
        ) from error
    except (BotoCoreError, ValueError) as error:
        raise ConfigurationError(
            f"registry {registry}: {error}", fix="set `region`, or AWS_REGION where schemafed runs; check `endpoint`"
        ) from error
    refuse_cut_answers(client, options.retries + 1)
    return Connection(client, session)


def _make_session(options: GlueOptions) -> boto3.Session:
    auth = options.auth
    session = boto3.Session(
        aws_access_key_id=auth.access_key_id.get_secret_value() if auth else None,
        aws_secret_access_key=auth.secret_access_key.get_secret_value() if auth else None,
        aws_session_token=auth.session_token.get_secret_value() if auth and auth.session_token else None,
        # The SDK for Python alone does not know the variable that AWS's other tools have.
        region_name=options.region or os.environ.get("AWS_REGION"),
        profile_name=options.profile,
    )
    if options.role_arn:
        _assume(session, options)
    return session


def _assume(session: boto3.Session, options: GlueOptions) -> None:
    """Let the session be of another role, whose credentials are asked for when needed and renewed before they end."""
    about = {"RoleArn": options.role_arn, "RoleSessionName": options.session_name}
    about |= {"ExternalId": options.external_id} if options.external_id else {}
    refresh = create_assume_role_refresher(session.client("sts"), about)
    credentials = DeferredRefreshableCredentials(refresh_using=refresh, method="assume-role")
    session._session._credentials = credentials  # type: ignore[attr-defined]  # botocore has no other way


def _make_config(options: GlueOptions) -> Config:
    return Config(
        connect_timeout=options.connect_timeout,
        read_timeout=options.timeout,
        # Adaptive: the client slows itself down when the service says that it is asked too quickly.
        retries={"total_max_attempts": options.retries + 1, "mode": "adaptive"},
        max_pool_connections=options.concurrency,
        user_agent_extra="schemafed",
    )


def find_ca(options: GlueOptions, root: Path) -> str | None:
    """The file of authorities to trust; None for those that are trusted anyway."""
    return str(root / options.ca) if options.ca else None

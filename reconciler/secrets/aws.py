"""``${aws-sm:name#key}`` and ``${aws-ssm:name}``: AWS Secrets Manager and Parameter Store.

Credentials and region are found as the AWS tools find them: variables, profiles, single sign-on, roles, web identity.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

from reconciler.aws_answers import refuse_cut_answers
from reconciler.errors import SecretError

_FIXES: Mapping[str, str] = {
    "AccessDeniedException": "allow the role or user to read it, and to use its key",
    "ResourceNotFoundException": "check the name, the account and the region",
    "ParameterNotFound": "check the name, the account and the region",
    "ExpiredTokenException": "log in again",
    "ExpiredToken": "log in again",
    "UnrecognizedClientException": "check the credentials",
    "ThrottlingException": "run again later",
    "DecryptionFailure": "allow the role or user to use the secret's key",
}
_ATTEMPTS = 5
_CONFIG = Config(connect_timeout=10, read_timeout=20, retries={"total_max_attempts": _ATTEMPTS, "mode": "adaptive"})


class SecretsManagerSource:
    """Reads secrets of AWS Secrets Manager; with ``#key`` one value of a secret that is a JSON object."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self._texts: dict[str, str] = {}

    def read(self, target: str) -> str:
        """See :meth:`reconciler.secrets.sources.SecretSource.read`."""
        name, _, key = target.partition("#")
        if name not in self._texts:
            self._texts[name] = _told("AWS Secrets Manager", name, lambda: self._ask(name))
        return _pick(self._texts[name], name, key) if key else self._texts[name]

    def _ask(self, name: str) -> str:
        answer = _client("secretsmanager", self._variables).get_secret_value(SecretId=name)
        if "SecretString" in answer:
            return str(answer["SecretString"])
        try:
            return bytes(answer["SecretBinary"]).decode("utf-8")
        except UnicodeDecodeError:
            raise SecretError(f"AWS Secrets Manager: {name} holds bytes that are no text") from None


class ParameterStoreSource:
    """Reads parameters of AWS Systems Manager, encrypted ones decrypted."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def read(self, target: str) -> str:
        """See :meth:`reconciler.secrets.sources.SecretSource.read`."""
        return _told("AWS Parameter Store", target, lambda: self._ask(target))

    def _ask(self, name: str) -> str:
        answer = _client("ssm", self._variables).get_parameter(Name=name, WithDecryption=True)
        return str(answer["Parameter"]["Value"])


def _client(service: str, variables: Mapping[str, str]) -> Any:
    make: Any = boto3.Session(profile_name=variables.get("AWS_PROFILE") or None).client
    client = make(service, endpoint_url=variables.get("AWS_ENDPOINT_URL") or None, config=_CONFIG)
    refuse_cut_answers(client, _ATTEMPTS)
    return client


def _told(source: str, name: str, read: Callable[[], str]) -> str:
    """Read, with what goes wrong as an error of ours."""
    try:
        return read()
    except ClientError as error:
        told = error.response.get("Error", {})
        code, words = str(told.get("Code", "")), str(told.get("Message", ""))
        fix = _FIXES.get(code, "look at what the service says")
        raise SecretError(f"{source} does not give {name} ({code}): {words}", fix=fix) from None
    except NoCredentialsError:
        fix = "log in, set AWS_PROFILE, or give the job a role"
        raise SecretError(f"{source}: no credentials were found to read {name}", fix=fix) from None
    except NoRegionError:
        raise SecretError(f"{source}: no region is set to read {name} in", fix="set AWS_REGION") from None
    except BotoCoreError as error:
        raise SecretError(f"{source} cannot be asked for {name}: {error}", fix="check the network") from None


def _pick(text: str, name: str, key: str) -> str:
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise SecretError(f"AWS Secrets Manager: {name} is no JSON object with keys", fix="leave `#` out")
    if key not in document:
        known = ", ".join(sorted(document)) or "none"
        raise SecretError(f"AWS Secrets Manager: {name} has no key `{key}`", fix=f"its keys: {known}")
    value = document[key]
    return value if isinstance(value, str) else json.dumps(value)

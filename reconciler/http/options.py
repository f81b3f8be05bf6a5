"""The keys of a registry's entry in schemafed.yaml that every registry over HTTP understands."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails

from reconciler.errors import ConfigurationError, OptionProblem
from reconciler.http.client import ClientSettings
from reconciler.http.endpoint import Endpoint, Tls, check_url, make_basic, make_endpoint
from reconciler.http.oauth import ClientCredentials, OAuthToken
from reconciler.http.proxies import resolve_proxy
from reconciler.http.retry import RetryPolicy


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BasicAuth(_Strict):
    """A user and a password, or an API key and its secret."""

    kind: Literal["basic"] = "basic"
    username: str
    password: SecretStr

    def make_authorization(self) -> str:
        """Write the value of the ``Authorization`` header."""
        return make_basic(self.username, self.password.get_secret_value())


class BearerAuth(_Strict):
    """A token."""

    kind: Literal["bearer"]
    token: SecretStr

    @field_validator("token")
    @classmethod
    def _check_token(cls, token: SecretStr) -> SecretStr:
        """Take the line's end off that a token read from a file has; refuse what a header cannot hold."""
        text = token.get_secret_value().strip()
        if not text or not text.isascii() or not text.isprintable():
            raise ValueError("a token is one line of visible ASCII characters")
        return SecretStr(text)

    def make_authorization(self) -> str:
        """Write the value of the ``Authorization`` header."""
        return f"Bearer {self.token.get_secret_value()}"


class OAuthAuth(_Strict):
    """A client that asks for its token, by client credentials; ``tls`` of the registry holds for ``token_url`` too.

    ``client_auth`` says whether the secret goes into a header or into the form.
    """

    kind: Literal["oauth"]
    token_url: str
    client_id: str
    client_secret: SecretStr
    scope: str | None = None
    audience: str | None = None
    client_auth: Literal["basic", "body"] = "basic"

    def make_authorization(self) -> None:
        """None: the token is asked for when it is needed."""

    def make_token(self, registry: str, tls: Tls, connect_timeout: float, timeout: float) -> OAuthToken:
        """Make what asks for the token.

        Raises:
            ConfigurationError: ``token_url`` is not one.
        """
        try:
            parts = check_url(self.token_url)
        except ConfigurationError as error:
            problem = OptionProblem(("auth", "token_url"), error.message.replace("`url`", "`auth.token_url`"))
            message = f"registry {registry}: {problem.message}"
            raise ConfigurationError(message, fix=error.fix, problems=[problem]) from error
        origin = parts._replace(path="").geturl()
        endpoint = make_endpoint(origin, tls=tls, connect_timeout=connect_timeout, read_timeout=timeout)
        credentials = ClientCredentials(
            self.client_id,
            self.client_secret.get_secret_value(),
            self.scope,
            self.audience,
            in_body=self.client_auth == "body",
        )
        return OAuthToken(endpoint, parts.path or "/", credentials, registry)


class TlsOptions(_Strict):
    """PEM files, relative to the repository's root."""

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    key_password: SecretStr | None = None

    def make_tls(self, root: Path) -> Tls:
        """Place the files below ``root``, but for absolute ones."""
        password = self.key_password.get_secret_value() if self.key_password else None
        ca, certificate, key = (root / path if path else None for path in (self.ca, self.certificate, self.key))
        return Tls(ca, certificate, key, password)


_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OWN_HEADERS = re.compile(r"(host|user-agent|accept.*|(proxy-)?authorization|connection|content-.*|transfer-encoding)")


def _check_header(name: str) -> str:
    if not _HEADER.fullmatch(name):
        raise ValueError(f"`{name}` is no name of a header (RFC 9110)")
    if _OWN_HEADERS.fullmatch(name.lower()):
        raise ValueError(f"{name} is schemafed's own to send; credentials are `auth`")
    return name


def _check_header_value(value: SecretStr) -> SecretStr:
    text = value.get_secret_value().strip()
    if not text.isascii() or not text.isprintable():
        raise ValueError("a header is one line of visible ASCII characters")
    return SecretStr(text)


_HeaderName = Annotated[str, AfterValidator(_check_header)]
_HeaderValue = Annotated[SecretStr, AfterValidator(_check_header_value)]


class ConnectionOptions(_Strict):
    """How to reach a registry and how hard to press it. Times are in seconds.

    Whether ``url`` is one address or several is the subclass's to say.

    ``proxy`` empty means none; absent leaves it to HTTPS_PROXY, HTTP_PROXY and NO_PROXY. ``timeout`` is how long the
    server may stay silent. ``retries`` are the attempts after the first. ``concurrency`` is how many connections read
    at once. ``headers`` go with every request, as some clouds and gateways ask for.
    """

    url: Any
    auth: Annotated[BasicAuth | BearerAuth | OAuthAuth, Field(discriminator="kind")] | None = None
    tls: TlsOptions = TlsOptions()
    proxy: str | None = None
    timeout: float = Field(default=60.0, gt=0)
    connect_timeout: float = Field(default=10.0, gt=0)
    retries: int = Field(default=4, ge=0, le=20)
    requests_per_second: float | None = Field(default=None, gt=0)
    concurrency: int = Field(default=16, ge=1, le=64)
    headers: Mapping[_HeaderName, _HeaderValue] = {}

    def make_endpoint_at(
        self,
        url: str,
        key: tuple[str | int, ...],
        registry: str,
        root: Path,
        environment: Mapping[str, str] | None = None,
    ) -> Endpoint:
        """Make the endpoint at a URL; ``environment`` (the process's where not given) may name a proxy.

        Args:
            key: where the URL stands in the registry's entry.

        Raises:
            ConfigurationError: the URL, with its key as a problem, or the proxy is not one.
        """
        try:
            parts = check_url(url)
        except ConfigurationError as error:
            problem = OptionProblem(key, error.message)
            message = f"registry {registry}: {error.message}"
            raise ConfigurationError(message, fix=error.fix, problems=[problem]) from error
        port = parts.port or (443 if parts.scheme == "https" else 80)
        proxy = resolve_proxy(
            parts.scheme, parts.hostname or "", port, self.proxy, os.environ if environment is None else environment
        )
        tls = self.tls.make_tls(root)
        endpoint = make_endpoint(
            url,
            authorization=self.auth.make_authorization() if self.auth else None,
            tls=tls,
            proxy=proxy,
            connect_timeout=self.connect_timeout,
            read_timeout=self.timeout,
        )
        endpoint = replace(endpoint, headers={name: value.get_secret_value() for name, value in self.headers.items()})
        if not isinstance(self.auth, OAuthAuth):
            return endpoint
        return replace(endpoint, token=self.auth.make_token(registry, tls, self.connect_timeout, self.timeout))

    def make_client_settings(self, fixes: Mapping[int | str, str]) -> ClientSettings:
        """Make a client's settings; ``fixes`` says what to do, by the server's own error code."""
        return ClientSettings(RetryPolicy(retries=self.retries), self.requests_per_second, fixes)


class HttpOptions(ConnectionOptions):
    """The same for a registry that has one address."""

    url: str

    def make_endpoint(self, registry: str, root: Path, environment: Mapping[str, str] | None = None) -> Endpoint:
        """Make the endpoint of a registry; see :meth:`ConnectionOptions.make_endpoint_at`."""
        return self.make_endpoint_at(self.url, ("url",), registry, root, environment)


Options = TypeVar("Options", bound=BaseModel)


def check_options(model: type[Options], registry: str, options: Mapping[str, object]) -> Options:
    """Turn a registry's keys into its options.

    Raises:
        ConfigurationError: every problem in one message, each with its key and, for an unknown key, the nearest known.
    """
    try:
        return model.model_validate(dict(options))
    except ValidationError as error:
        problems = [_describe(model, problem) for problem in error.errors(include_url=False)]
        message = f"registry {registry}: {'; '.join(problem.message for problem in problems)}"
        fix = f"its keys are: {', '.join(model.model_fields)}"
        raise ConfigurationError(message, fix=fix, problems=problems) from error


def _describe(model: type[BaseModel], problem: ErrorDetails) -> OptionProblem:
    place = [part for part in problem["loc"] if part not in {"basic", "bearer", "oauth"}]
    key = ".".join(map(str, place))
    if problem["type"] == "extra_forbidden":
        near = get_close_matches(str(place[-1]), list(_known_keys(model, place[:-1])), n=1)
        meant = f"; did you mean `{near[0]}`?" if near else ""
        return OptionProblem(tuple(place), f"`{key}` is no key of it{meant}", "UNKNOWN_KEY")
    if problem["type"] == "missing":
        return OptionProblem(tuple(place), f"`{key}` is missing", "MISSING_KEY")
    if problem["type"] in {"union_tag_invalid", "union_tag_not_found"}:
        return OptionProblem((*place, "kind"), f"`{key}.kind` must be basic, bearer or oauth")
    words = problem["msg"].removeprefix("Value error, ")
    return OptionProblem(tuple(place), f"`{key}`: {words[:1].lower()}{words[1:]}")


def _known_keys(model: type[BaseModel], place: list[str | int]) -> Iterator[str]:
    """The keys at a place of a model; of all alternatives where there are several."""
    models: list[Any] = [model]
    for part in place:
        models = [
            inner for m in models if part in m.model_fields for inner in _models_in(m.model_fields[part].annotation)
        ]
    for found in models:
        yield from found.model_fields


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _models_in(inner)

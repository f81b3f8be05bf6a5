"""What a registry of kind ``glue`` can be told in schemafed.yaml."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class KeyAuth(_Strict):
    """Keys of an account; without ``auth`` the usual chain of the AWS tools finds credentials."""

    kind: Literal["keys"] = "keys"
    access_key_id: SecretStr
    secret_access_key: SecretStr
    session_token: SecretStr | None = None


class GlueOptions(_Strict):
    """Where the registry is and how hard to press it; times in seconds.

    ``registry`` is its name in the account. ``role_arn`` is assumed with the credentials found. ``endpoint`` replaces
    the region's own address. ``default_compatibility`` is what a schema is created with until its own mode is set.
    ``retries`` are the attempts after the first, ``concurrency`` how many requests are under way at once.
    """

    registry: str = Field(default="default-registry", min_length=1, max_length=255)
    region: str | None = None
    profile: str | None = None
    role_arn: str | None = None
    external_id: str | None = None
    session_name: str = "schemafed"
    auth: KeyAuth | None = None
    endpoint: str | None = None
    ca: str | None = None
    default_compatibility: Literal["BACKWARD", "FORWARD", "FULL", "NONE"] = "BACKWARD"
    timeout: float = Field(default=60.0, gt=0)
    connect_timeout: float = Field(default=10.0, gt=0)
    retries: int = Field(default=6, ge=0, le=20)
    requests_per_second: float | None = Field(default=None, gt=0)
    concurrency: int = Field(default=8, ge=1, le=64)
    patience: float = Field(default=60.0, gt=0)

    @model_validator(mode="after")
    def _raise_if_at_odds(self) -> GlueOptions:
        if self.auth and self.profile:
            raise ValueError("`auth` and `profile` both say who it is; give one of them")
        if self.external_id and not self.role_arn:
            raise ValueError("`external_id` goes with `role_arn`")
        return self

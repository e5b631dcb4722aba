"""Which workspace, which login, and how long to be patient: found once, before anything is sent.

Each setting is looked up by itself, and the first place that has it wins:

1. keywords of `Settings.load`, which are also the program's flags;
2. the environment;
3. `.env` in the working directory, which is read and not exported;
4. a profile in `~/.databrickscfg`: the one that is named; or, when none is named and neither a
   host nor a login is known yet, the file's own default.

Two rules keep a login whole.  A profile's login is never sent to a host that another place named.
And a token is used only if no place above its own brings a secret of another kind.

Profiles follow `databricks-sdk` (https://docs.databricks.com/aws/en/dev-tools/auth/config-profiles);
they are read here, since importing that library costs a server's start more than all the rest.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from .errors import NotConfigured
from .places import (
    LOGIN,
    SECRETS,
    SETTINGS,
    VARIABLES,
    Place,
    first,
    from_dotenv,
    from_keywords,
    from_profile,
    from_variables,
    rank,
)

if TYPE_CHECKING:
    from .clients import SdkCredentials, StaticToken

GRACE = 3.0  # seconds; an MCP host kills its server about four seconds after closing its stdin
TIMEOUT = 120.0  # seconds; Databricks may hold a statement's answer back for 50 of them
PROFILES = "~/.databrickscfg"

# databricks-sdk refuses two kinds of login at once, unless it is told which one is meant.
AUTH_TYPES: Mapping[str, str] = {
    "client_secret": "oauth-m2m",
    "azure_client_secret": "azure-client-secret",
}

NOTHING_CONFIGURED = (
    "No Databricks workspace is configured: set DATABRICKS_HOST and DATABRICKS_TOKEN, or name a "
    "profile of ~/.databrickscfg in DATABRICKS_CONFIG_PROFILE; --local needs nothing."
)


def _path(value: str | Path) -> Path:
    return Path(value).expanduser()


def _number(value: str | float) -> float:
    try:
        return float(value)
    except ValueError:
        return math.nan


def _above_zero(_: object, field: attrs.Attribute[float], value: float) -> None:
    if not 0 < value < math.inf:
        variable = SETTINGS[field.name]
        raise NotConfigured(f"{field.name} ({variable}) must be a number of seconds above zero.")


def _state_dir(value: str | Path | None) -> Path | None:
    return None if value is None or str(value).lower() == "none" else _path(value)


def _default_state_dir() -> Path:
    return _path(os.environ.get("XDG_STATE_HOME") or "~/.local/state") / "databricks-mcp-toolkit"


@attrs.frozen(kw_only=True, repr=False)
class Settings:
    """Where to work, as whom, and how patiently.

    Attributes:
      host: the workspace's address as it was given; empty if none is configured.
      token: a personal access token; empty when the login is another one.
      profile: the profile that was named, or found by default; empty if there is none.
      config_file: where profiles stand.
      warehouse_id: the SQL warehouse for statements that name none.
      cluster_id: the cluster for calls that name none.
      timeout: seconds that one HTTP request and its whole answer may take.
      grace: seconds that cleaning up may take at the end.
      state_dir: the directory of the journal; `None`, or the word `none`, keeps no journal.
      login: what else is known of the login, by the names of databricks-sdk's `Config`.
    """

    host: str = ""
    token: str = ""
    profile: str = ""
    config_file: Path = attrs.field(default=Path(PROFILES), converter=_path)
    warehouse_id: str = ""
    cluster_id: str = ""
    timeout: float = attrs.field(default=TIMEOUT, converter=_number, validator=_above_zero)
    grace: float = attrs.field(default=GRACE, converter=_number, validator=_above_zero)
    state_dir: Path | None = attrs.field(factory=_default_state_dir, converter=_state_dir)
    login: Mapping[str, str] = attrs.field(factory=dict)

    def __repr__(self) -> str:
        how = "a token" if self.token else ", ".join(sorted(self.login)) or "no login"
        profile = f", profile {self.profile}" if self.profile else ""
        return f"<Settings for {self.host or 'no workspace'}, {how}{profile}>"

    @classmethod
    def load(
        cls,
        *,
        environ: Mapping[str, str] | None = None,
        directory: Path | None = None,
        **keywords: Any,
    ) -> Settings:
        """The settings as this process finds them.

        Args:
          environ: stands in for `os.environ`.
          directory: stands in for the working directory, whose `.env` is read.
          keywords: the first place to look: any attribute of this class, or any login attribute of
            databricks-sdk's `Config` (`client_id=`, `auth_type=`, …).  `None` means not given.
            `state_dir="none"` keeps no journal.

        Raises:
          NotConfigured: what is configured cannot be used: a profile that does not exist, a file
            that cannot be read, a number that is none.  That nothing is configured is no error
            yet; see `credentials`.
          TypeError: there is no such keyword.
        """
        places = [
            from_keywords(keywords),
            from_variables("the environment", os.environ if environ is None else environ),
            from_dotenv((directory or Path.cwd()) / ".env"),
        ]
        named = first("profile", places)
        known = ("host", "token", "azure_workspace_resource_id", *SECRETS)
        if named or not any(place.says(*known) for place in places):
            file = _path(first("config_file", places) or PROFILES)
            if profile := from_profile(file, named):
                places.append(profile)
        return cls(**_settled(places))

    @property
    def configured(self) -> bool:
        """Whether there is a workspace to work with; if not, `credentials` says what to set."""
        return bool(self.host or self.login.get("azure_workspace_resource_id"))

    def credentials(self) -> StaticToken | SdkCredentials:
        """The login, for `clients.Databricks.connect`.  Nothing is sent yet.

        Raises:
          NotConfigured: there is no workspace, or no login, to work with.
        """
        from .clients import SdkCredentials, StaticToken  # noqa: PLC0415  (a server starts without)

        if self.token and self.host:
            return StaticToken(self.token)
        if self.token:
            raise NotConfigured(
                "There is a DATABRICKS_TOKEN and no DATABRICKS_HOST to use it with: set both; "
                "--local needs neither."
            )
        if self.configured:
            return SdkCredentials(host=self.host or None, **self.login)
        if self.profile:
            raise NotConfigured(
                f"The profile {self.profile} of {self.config_file} names no host: add one, "
                "or set DATABRICKS_HOST; --local needs nothing."
            )
        raise NotConfigured(NOTHING_CONFIGURED)


def _settled(places: Sequence[Place]) -> dict[str, Any]:
    """One value for each setting, and one login."""
    values = {name: first(name, places) for name in VARIABLES if rank([name], places) < len(places)}
    login = {name: values.pop(name) for name in LOGIN if name in values}

    token, secret = rank(["token"], places), rank([*SECRETS], places)
    auth_type = rank(["auth_type"], places)
    another_type = auth_type <= token and login.get("auth_type", "pat") != "pat"
    if "token" in values and token <= secret and not another_type:
        _check_host_of_profile(places, login_rank=token)
        return values

    values.pop("token", None)
    _check_host_of_profile(places, login_rank=secret)
    if "auth_type" not in login:
        kinds = (kind for made_of, kind in AUTH_TYPES.items() if made_of in login)
        login["auth_type"] = next(kinds, "")
    if "profile" in values:
        login |= {"profile": values["profile"], "config_file": str(values.get("config_file", ""))}
    return values | {"login": {name: value for name, value in login.items() if value}}


def _check_host_of_profile(places: Sequence[Place], *, login_rank: int) -> None:
    """A login that comes from a profile belongs to the profile's host, and is shown to no other.

    A rank below all places means a login that databricks-sdk finds by the profile's name.
    """
    profile = places[-1]
    if login_rank < len(places) - 1 or not profile.name.startswith("profile "):
        return
    from .clients.hosts import normal_host  # noqa: PLC0415  (only here, and never at a plain start)

    chosen, own = first("host", places), profile.values.get("host", "")
    if own and chosen != own and normal_host(chosen) != normal_host(own):
        raise NotConfigured(
            f"{profile.name.capitalize()} logs in to {own}, and DATABRICKS_HOST is {chosen}: "
            "unset one of them, or set DATABRICKS_TOKEN for that host."
        )

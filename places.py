"""The places that settings are found in, and what each of them says.

Reading only: which place wins is decided in `config.py`.  No error that leaves here quotes a line
of a file, since that line may hold a secret.
"""

from __future__ import annotations

import configparser
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from .errors import NotConfigured

# The toolkit's own settings, by the environment variable of each.
SETTINGS: Mapping[str, str] = {
    "host": "DATABRICKS_HOST",
    "token": "DATABRICKS_TOKEN",
    "profile": "DATABRICKS_CONFIG_PROFILE",
    "config_file": "DATABRICKS_CONFIG_FILE",
    "warehouse_id": "DATABRICKS_WAREHOUSE_ID",
    "cluster_id": "DATABRICKS_CLUSTER_ID",
    "timeout": "DATABRICKS_MCP_TIMEOUT",
    "grace": "DATABRICKS_MCP_GRACE",
    "state_dir": "DATABRICKS_MCP_STATE_DIR",
}

# What makes a login other than a token, by the names of databricks-sdk's `Config`.
SECRETS: Mapping[str, str] = {
    "client_secret": "DATABRICKS_CLIENT_SECRET",
    "password": "DATABRICKS_PASSWORD",
    "oidc_token_env": "DATABRICKS_OIDC_TOKEN_ENV",
    "oidc_token_filepath": "DATABRICKS_OIDC_TOKEN_FILEPATH",
    "google_credentials": "GOOGLE_CREDENTIALS",
    "google_service_account": "DATABRICKS_GOOGLE_SERVICE_ACCOUNT",
    "azure_client_secret": "ARM_CLIENT_SECRET",
    "metadata_service_url": "DATABRICKS_METADATA_SERVICE_URL",
}

# What goes with a login.  None of these is one: an ARM_CLIENT_ID is often there for other tools.
LOGIN_DETAILS: Mapping[str, str] = {
    "auth_type": "DATABRICKS_AUTH_TYPE",
    "client_id": "DATABRICKS_CLIENT_ID",
    "username": "DATABRICKS_USERNAME",
    "account_id": "DATABRICKS_ACCOUNT_ID",
    "workspace_id": "DATABRICKS_WORKSPACE_ID",
    "discovery_url": "DATABRICKS_DISCOVERY_URL",
    "token_audience": "DATABRICKS_TOKEN_AUDIENCE",
    "azure_workspace_resource_id": "DATABRICKS_AZURE_RESOURCE_ID",
    "azure_client_id": "ARM_CLIENT_ID",
    "azure_tenant_id": "ARM_TENANT_ID",
    "azure_environment": "ARM_ENVIRONMENT",
    "databricks_cli_path": "DATABRICKS_CLI_PATH",
}

LOGIN: Mapping[str, str] = {**SECRETS, **LOGIN_DETAILS}
VARIABLES: Mapping[str, str] = {**SETTINGS, **LOGIN}


@attrs.frozen(repr=False)
class Place:
    """One place that settings come from, and what it says: only what is set, by its name."""

    name: str
    values: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"<Place {self.name}: {', '.join(sorted(self.values)) or 'nothing'}>"

    def says(self, *settings: str) -> bool:
        """Whether any of these is set here."""
        return not self.values.keys().isdisjoint(settings)


def from_keywords(keywords: Mapping[str, Any]) -> Place:
    """What was passed by keyword, or on the command line.  `None` and empty count as not given.

    Raises:
      TypeError: there is no such setting.
    """
    if unknown := sorted(set(keywords) - set(VARIABLES)):
        raise TypeError(f"no such setting: {', '.join(unknown)}")
    return Place("keywords", {k: v for k, v in keywords.items() if v is not None and v != ""})


def from_variables(name: str, variables: Mapping[str, str | None]) -> Place:
    """What stands in environment variables.  An empty one counts as not set."""
    found = {setting: (variables.get(variable) or "") for setting, variable in VARIABLES.items()}
    return Place(
        name, {setting: value.strip() for setting, value in found.items() if value.strip()}
    )


def from_dotenv(file: Path) -> Place:
    """What stands in a `.env` file, if there is one.  Nothing is exported.

    Raises:
      NotConfigured: there is one, and it cannot be read.
    """
    if not file.is_file():
        return Place(".env", {})
    from dotenv import dotenv_values  # noqa: PLC0415  (a server starts sooner; few have the file)

    try:
        return from_variables(".env", dotenv_values(file))
    except (OSError, ValueError) as error:
        raise NotConfigured(f"{file} cannot be read: {_harmless(error)}.") from None


def from_profile(file: Path, named: str) -> Place | None:
    """What stands in a profile: the one named, or else the file's default, if it has one.

    As with Databricks' own tools, a section inherits nothing from `[DEFAULT]`, and
    `[__settings__] default_profile` says which profile is meant when none is named.

    Raises:
      NotConfigured: the profile does not exist, or the file cannot be read.
    """
    parser = configparser.ConfigParser(interpolation=None, default_section="")
    try:
        parser.read_string(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        pass
    except (OSError, ValueError, configparser.Error) as error:
        raise NotConfigured(f"{file} cannot be read: {_harmless(error)}.") from None
    default = parser.get("__settings__", "default_profile", fallback="").strip()
    name = named or default or "DEFAULT"
    if name == "__settings__" or not parser.has_section(name):
        if not named and not default:
            return None
        raise NotConfigured(f"There is no profile {name} in {file}.")
    values = {key: value for key, value in parser.items(name) if key in VARIABLES and value}
    return Place(f"profile {name}", values | {"profile": name, "config_file": file})


def first(setting: str, places: Sequence[Place]) -> Any:
    """The value in the first place that has it, or an empty string."""
    return next((place.values[setting] for place in places if place.says(setting)), "")


def rank(settings: Sequence[str], places: Sequence[Place]) -> int:
    """How far down the first place is that says any of these; the number of places if none does."""
    return next((i for i, place in enumerate(places) if place.says(*settings)), len(places))


def _harmless(error: Exception) -> str:
    """What is wrong with a file, without the line that is wrong."""
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8 text"
    lines = [getattr(error, "lineno", None), *(n for n, _ in getattr(error, "errors", []))]
    said = ", ".join(str(number) for number in lines if number)
    return f"see line {said}" if said else "it is not made of sections with `key = value` lines"

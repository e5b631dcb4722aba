"""Where settings come from, which place wins, and that no secret shows."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from subprocess import run
from typing import Any

import pytest
from databricks_mcp_toolkit.clients import SdkCredentials, StaticToken
from databricks_mcp_toolkit.config import NOTHING_CONFIGURED, Settings
from databricks_mcp_toolkit.errors import NotConfigured
from databricks_mcp_toolkit.places import LOGIN, from_dotenv

HOST = "https://dbc-1.cloud.databricks.com"
SECRET = "dapi-never-show-me"


@pytest.fixture
def load(tmp_path: Path):
    """Settings as a process finds them in an empty directory, with an empty home."""

    def load(environ: Mapping[str, str] | None = None, **keywords: Any) -> Settings:
        environ = {"DATABRICKS_CONFIG_FILE": str(tmp_path / "databrickscfg")} | dict(environ or {})
        return Settings.load(environ=environ, directory=tmp_path, **keywords)

    return load


@pytest.fixture
def dotenv(tmp_path: Path):
    return (tmp_path / ".env").write_text


@pytest.fixture
def profiles(tmp_path: Path):
    return (tmp_path / "databrickscfg").write_text


def test_the_first_place_that_has_a_setting_wins(load, dotenv, profiles):
    profiles(
        "[DEFAULT]\nhost = https://from-profile\nwarehouse_id = profile\ncluster_id = profile\n"
    )
    dotenv("DATABRICKS_WAREHOUSE_ID=dotenv\nDATABRICKS_CLUSTER_ID=dotenv\n")
    environ = {"DATABRICKS_CLUSTER_ID": "environment", "DATABRICKS_MCP_GRACE": "2"}

    settings = load(environ, grace=1)

    assert settings.host == "https://from-profile"
    assert settings.warehouse_id == "dotenv"
    assert settings.cluster_id == "environment"
    assert settings.grace == 1


def test_an_empty_variable_counts_as_not_set(load, dotenv):
    dotenv(f"DATABRICKS_HOST={HOST}")

    assert load({"DATABRICKS_HOST": " "}).host == HOST


def test_dotenv_is_read_and_not_exported(load, dotenv, monkeypatch):
    monkeypatch.delenv("DATABRICKS_TOKEN", raising=False)
    dotenv(f"DATABRICKS_TOKEN='{SECRET}'\nDATABRICKS_HOST={HOST} # a comment\n")

    settings = load()

    assert (settings.host, settings.token) == (HOST, SECRET)
    assert "DATABRICKS_TOKEN" not in os.environ


def test_a_named_profile_is_used_and_inherits_nothing(load, profiles):
    profiles(
        "[DEFAULT]\ntoken = other\n"
        f"[staging]\nhost = {HOST}\nclient_id = me\nclient_secret = {SECRET}"
    )

    settings = load({"DATABRICKS_CONFIG_PROFILE": "staging"})

    assert (settings.host, settings.token, settings.profile) == (HOST, "", "staging")
    assert settings.login["auth_type"] == "oauth-m2m"


def test_the_profile_file_says_which_profile_is_the_default(load, profiles):
    profiles(f"[__settings__]\ndefault_profile = b\n[a]\nhost = a\n[b]\nhost = {HOST}\ntoken = t")

    assert load().profile == "b"


def test_the_default_profile_is_ignored_once_a_host_or_a_token_is_known(load, profiles):
    profiles("[DEFAULT]\nhost = https://mine\ntoken = mine\ncluster_id = mine")

    assert load({"DATABRICKS_HOST": HOST}).token == ""
    assert load({"DATABRICKS_TOKEN": SECRET}).host == ""
    assert load({"DATABRICKS_HOST": HOST, "DATABRICKS_TOKEN": SECRET}).cluster_id == ""


def test_a_named_profile_fills_what_is_not_yet_known(load, profiles):
    profiles("[p]\nhost = https://p\ntoken = p\ncluster_id = p")
    environ = {"DATABRICKS_HOST": HOST, "DATABRICKS_TOKEN": SECRET}

    settings = load(environ, profile="p")

    assert (settings.host, settings.token, settings.cluster_id) == (HOST, SECRET, "p")


@pytest.mark.parametrize(
    "login", ["token = p", "client_id = a\nclient_secret = b", "auth_type = databricks-cli"]
)
def test_a_profiles_login_is_not_sent_to_a_host_that_another_place_named(load, profiles, login):
    profiles(f"[p]\nhost = https://p\n{login}\n")

    with pytest.raises(
        NotConfigured, match="Profile p logs in to https://p, and DATABRICKS_HOST is"
    ):
        load({"DATABRICKS_HOST": HOST}, profile="p")


def test_a_missing_profile_is_named(load, profiles):
    profiles("[p]\nhost = https://p")

    with pytest.raises(NotConfigured, match=r"no profile staging in .*databrickscfg"):
        load(profile="staging")
    with pytest.raises(NotConfigured, match="no profile __settings__"):
        load(profile="__settings__")


def test_a_missing_profile_file_is_no_error_until_a_profile_is_named(load):
    assert not load().configured
    with pytest.raises(NotConfigured, match="no profile p"):
        load(profile="p")


@pytest.mark.parametrize(
    "broken",
    [f"token {SECRET}", f"[p\ntoken={SECRET}", f"[p]\n{SECRET}\n", f"[p]\na=1\na={SECRET}"],
)
def test_a_broken_profile_file_is_told_without_its_contents(load, profiles, broken):
    profiles(broken)

    with pytest.raises(NotConfigured) as caught:
        load(profile="p")

    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None
    assert "line" in str(caught.value)


def test_a_file_that_is_not_text_is_told_plainly(tmp_path):
    (tmp_path / ".env").write_bytes(b"DATABRICKS_TOKEN=\xff\xfe")

    with pytest.raises(NotConfigured, match="not UTF-8"):
        from_dotenv(tmp_path / ".env")


def test_two_spellings_of_one_host_are_no_conflict(load, profiles):
    profiles(f"[p]\nhost = {HOST}/\ntoken = {SECRET}\n")

    assert load({"DATABRICKS_HOST": HOST.removeprefix("https://")}, profile="p").token == SECRET


@pytest.mark.parametrize("given", ["0", "-1", "soon", "inf", "nan"])
def test_a_number_of_seconds_must_be_one(load, given):
    with pytest.raises(NotConfigured, match=r"grace \(DATABRICKS_MCP_GRACE\)"):
        load({"DATABRICKS_MCP_GRACE": given})


def test_host_and_token_need_no_databricks_sdk():
    code = (
        "import sys; from databricks_mcp_toolkit.config import Settings\n"
        f"Settings(host='{HOST}', token='x').credentials()\n"
        "assert not [m for m in sys.modules if m.startswith('databricks.')], sys.modules"
    )

    assert run([sys.executable, "-c", code], check=False).returncode == 0


def test_host_and_token_are_a_static_token(load):
    credentials = load({"DATABRICKS_HOST": HOST, "DATABRICKS_TOKEN": SECRET}).credentials()

    assert isinstance(credentials, StaticToken)


@pytest.mark.parametrize(
    "environ",
    [
        {"DATABRICKS_CLIENT_ID": "me", "DATABRICKS_CLIENT_SECRET": SECRET},
        {"ARM_CLIENT_ID": "me", "ARM_CLIENT_SECRET": SECRET, "ARM_TENANT_ID": "t"},
        {"DATABRICKS_AUTH_TYPE": "azure-cli"},
        {"DATABRICKS_AUTH_TYPE": "azure-cli", "DATABRICKS_TOKEN": SECRET},
        {"GOOGLE_CREDENTIALS": SECRET},
        {},
    ],
)
def test_every_other_login_is_asked_of_databricks_sdk(load, environ):
    credentials = load(environ | {"DATABRICKS_HOST": HOST}).credentials()

    assert isinstance(credentials, SdkCredentials)
    assert SECRET not in repr(credentials)


def test_a_stray_azure_id_does_not_disturb_a_token(load, dotenv):
    dotenv(f"DATABRICKS_HOST={HOST}\nDATABRICKS_TOKEN={SECRET}")

    assert load({"ARM_CLIENT_ID": "for-terraform"}).token == SECRET


def test_a_secret_above_a_token_hides_it(load, dotenv):
    dotenv(f"DATABRICKS_HOST={HOST}\nDATABRICKS_TOKEN={SECRET}")

    settings = load({"DATABRICKS_CLIENT_ID": "me", "DATABRICKS_CLIENT_SECRET": "s"})

    assert settings.token == ""
    assert settings.login == {"client_id": "me", "client_secret": "s", "auth_type": "oauth-m2m"}


def test_the_two_halves_of_a_login_may_stand_in_two_places(load, dotenv):
    dotenv(f"DATABRICKS_HOST={HOST}\nDATABRICKS_CLIENT_ID=me")

    assert load({"DATABRICKS_CLIENT_SECRET": SECRET}).login["client_id"] == "me"


def test_with_nothing_configured_one_line_says_what_to_set(load):
    with pytest.raises(NotConfigured) as caught:
        load().credentials()

    assert str(caught.value) == NOTHING_CONFIGURED
    for word in ("DATABRICKS_HOST", "DATABRICKS_TOKEN", "--local"):
        assert word in NOTHING_CONFIGURED
    assert "\n" not in NOTHING_CONFIGURED


def test_a_token_without_a_host_is_told(load):
    with pytest.raises(NotConfigured, match="no DATABRICKS_HOST"):
        load({"DATABRICKS_TOKEN": SECRET}).credentials()


def test_a_profile_without_a_host_is_told(load, profiles):
    profiles("[DEFAULT]\ncluster_id = c")

    with pytest.raises(NotConfigured, match=r"The profile DEFAULT of .* names no host"):
        load().credentials()


def test_an_unknown_keyword_is_a_mistake_of_the_caller(load):
    with pytest.raises(TypeError, match="no such setting: hots"):
        load(hots=HOST)


def test_no_repr_shows_a_secret(load):
    settings = load(host=HOST, token=SECRET)
    login = load(host=HOST, client_id="me", client_secret=SECRET)

    assert repr(settings) == f"<Settings for {HOST}, a token>"
    assert repr(login) == f"<Settings for {HOST}, auth_type, client_id, client_secret>"


def test_every_login_attribute_is_one_that_databricks_sdk_reads_from_the_same_variable():
    config = pytest.importorskip("databricks.sdk.core").Config
    known = {attribute.name: attribute.env for attribute in config.attributes()}

    assert {name: known.get(name) for name in LOGIN} == dict(LOGIN)

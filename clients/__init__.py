"""What is out there: the Databricks REST APIs, typed, over one pooled HTTP client.

    async with Databricks.connect(host, StaticToken(token)) as databricks:
        async for cluster in databricks.clusters.list():
            print(cluster.cluster_id, cluster.state)

One file per API (`clusters`, `jobs`, `statements`, `warehouses`, `commands`, `workspace`, `dbfs`),
each with its endpoints, its models and its client.  Below them: `http` is the door that every
request goes through and `exchange` its border to httpx; `retry` says what is sent again, `governor`
when, `auth` who we are, `refusals` what an error means.  Only this floor knows URLs, wire fields
and HTTP.
"""

from __future__ import annotations

from .auth import Credentials, SdkCredentials, StaticToken
from .databricks import Databricks
from .governor import Governor
from .timeouts import Timeouts

__all__ = ["Credentials", "Databricks", "Governor", "SdkCredentials", "StaticToken", "Timeouts"]

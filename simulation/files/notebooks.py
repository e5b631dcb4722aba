"""Workspace objects 2.0: notebooks, files and folders, in every format that is honest here."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from ..wire import Call, Refusal, Response, Route
from . import notebook_formats as formats
from .notebook_formats import NotANotebook
from .object_tree import ObjectTree, WorkspaceObject, above, object_path
from .r_markdown import from_r_markdown, to_r_markdown

MAX_SIZE = 10 * 1024 * 1024  # bytes of one import or export

IMPORT_FORMATS = ("SOURCE", "HTML", "JUPYTER", "DBC", "AUTO", "RAW", "R_MARKDOWN")
EXPORT_FORMATS = ("SOURCE", "HTML", "JUPYTER", "DBC", "AUTO", "RAW", "R_MARKDOWN")

_WELCOME = b"""# Databricks notebook source
# MAGIC %md
# MAGIC # Welcome

# COMMAND ----------

dbutils.widgets.text("name", "world")
greeting = f"Hello, {dbutils.widgets.get('name')}!"
print(greeting)

# COMMAND ----------

dbutils.notebook.exit(greeting)
"""


class Notebooks(ObjectTree):
    """The tree of workspace objects, and `/api/2.0/workspace` over it."""

    def begin(self) -> None:
        """The folders that every workspace has: home, shared folder, repositories."""
        for path in ("/Shared", f"/Users/{self._world.user_name}", "/Repos"):
            self.mkdirs(path)

    def add_sample(self) -> None:
        """Puts a first notebook there."""
        if self.find("/Shared/welcome") is None:
            self.put("/Shared/welcome", _WELCOME)

    def routes(self) -> list[Route]:
        """The endpoints."""
        return [
            Route("GET", "/api/2.0/workspace/list", self.list_objects),
            Route("GET", "/api/2.0/workspace/get-status", self.get_status),
            Route("GET", "/api/2.0/workspace/export", self.export),
            Route("POST", "/api/2.0/workspace/import", self.import_),
            Route("POST", "/api/2.0/workspace/mkdirs", self.make_folders),
            Route("POST", "/api/2.0/workspace/delete", self.delete),
            Route("GET", "/api/2.0/repos", self.list_repos),
            Route("GET", "/api/2.0/workspace-files/{path:path}", self.read_file),
            Route("POST", "/api/2.0/workspace-files/import-file/{path:path}", self.import_file),
        ]

    # The endpoints.

    async def list_objects(self, call: Call) -> dict[str, Any]:
        """`workspace/list`: a folder's children; an object that is no folder lists itself."""
        after = call.integer("notebooks_modified_after", 0)
        found = self.get(call.text("path"))
        listed = self.children(found.path) if found.object_type == "DIRECTORY" else [found]
        objects = [
            item.wire()
            for item in listed
            if item.object_type != "NOTEBOOK" or item.modified_at >= after
        ]
        return {"objects": objects} if objects else {}

    async def get_status(self, call: Call) -> dict[str, Any]:
        """`workspace/get-status`."""
        return self.get(call.text("path")).wire()

    async def make_folders(self, call: Call) -> dict[str, Any]:
        """`workspace/mkdirs`."""
        self.mkdirs(call.text("path"))
        return {}

    async def delete(self, call: Call) -> dict[str, Any]:
        """`workspace/delete`."""
        found = self.get(call.text("path"))
        if found.path == "/":
            raise Refusal.invalid("Cannot delete the root folder.")
        if self.children(found.path) and not call.flag("recursive"):
            raise Refusal(400, "DIRECTORY_NOT_EMPTY", f"Folder ({found.path}) is not empty")
        self.remove(found.path)
        return {}

    async def export(self, call: Call) -> dict[str, Any] | Response:
        """`workspace/export`: base64 in JSON, or the bytes themselves with `direct_download`."""
        found = self.get(call.text("path"))
        content, file_type = self._exported(found, call.choice("format", EXPORT_FORMATS, "SOURCE"))
        if len(content) > MAX_SIZE:
            raise _too_large(len(content))
        if call.flag("direct_download"):
            name = found.name if found.object_type == "FILE" else f"{found.name}.{file_type}"
            disposition = {"content-disposition": f"attachment; filename={name!r}"}
            return Response(content, headers=disposition)
        return {"content": base64.b64encode(content).decode(), "file_type": file_type}

    def _exported(self, found: WorkspaceObject, wanted: str) -> tuple[bytes, str]:
        if found.object_type == "DIRECTORY":
            if wanted not in {"DBC", "AUTO"}:
                raise Refusal.invalid(
                    f"Format {wanted} cannot export a folder; a folder is exported as DBC."
                )
            stem = len(found.path.rstrip("/")) + 1
            notebooks = [o for o in self.below(found.path) if o.object_type == "NOTEBOOK"]
            return formats.to_dbc((o.path[stem:], o.notebook()) for o in notebooks), "dbc"
        if found.object_type == "FILE":
            if wanted not in {"SOURCE", "AUTO", "RAW"}:
                raise Refusal.invalid(f"Format {wanted} cannot export a file; use AUTO.")
            return found.content, found.name.rpartition(".")[2]
        notebook = found.notebook()
        match wanted:
            case "HTML":
                return formats.to_html(notebook, found.name), "html"
            case "JUPYTER":
                return formats.to_jupyter(notebook, found.name), "ipynb"
            case "DBC":
                return formats.to_dbc([(found.name, notebook)]), "dbc"
            case "R_MARKDOWN":
                if notebook.language != "R":
                    raise Refusal.invalid("Format R_MARKDOWN can only export R notebooks.")
                return to_r_markdown(notebook), "Rmd"
            case _:
                return formats.to_source(notebook), formats.EXTENSIONS[notebook.language]

    async def import_(self, call: Call) -> dict[str, Any]:
        """`workspace/import`, as JSON with base64 or as a multipart upload."""
        path = object_path(call.text("path"))
        content = _uploaded(call)
        wanted = call.choice("format", IMPORT_FORMATS, "SOURCE") or "SOURCE"
        overwrite = call.flag("overwrite")
        if len(content) > MAX_SIZE:
            raise _too_large(len(content))
        language = call.choice("language", formats.COMMENTS, "")
        try:
            self._import(path, content, wanted, language, overwrite=overwrite)
        except NotANotebook as error:
            raise Refusal.invalid(str(error)) from None
        return {}

    def _import(
        self, path: str, content: bytes, wanted: str, language: str, *, overwrite: bool
    ) -> None:
        match wanted:
            case "SOURCE":
                if not language:
                    raise Refusal.invalid("language is required when the format is SOURCE.")
                notebook = formats.from_source(content, language)
            case "JUPYTER":
                notebook = formats.from_jupyter(content)
            case "HTML":
                notebook = formats.from_html(content)
            case "R_MARKDOWN":
                notebook = from_r_markdown(content)
            case "DBC":
                self._import_archive(path, content, overwrite=overwrite)
                return
            case "AUTO" if (kind := _kind(path, content)) is not None:
                path = path.rpartition(".")[0] if "." in path.rpartition("/")[2] else path
                is_jupyter = kind == "JUPYTER"
                notebook = (
                    formats.from_jupyter(content)
                    if is_jupyter
                    else formats.from_source(content, kind)
                )
            case _:
                self._check_free(path, overwrite=overwrite)
                self.put_file(path, content)
                return
        self._check_free(path, overwrite=overwrite)
        self.put_as(path, "NOTEBOOK", formats.to_source(notebook), notebook.language)

    def _import_archive(self, path: str, content: bytes, *, overwrite: bool) -> None:
        if overwrite:
            raise Refusal.invalid("Overwrite cannot be used for format DBC.")
        notebooks = formats.from_dbc(content)
        self._check_free(path, overwrite=False)
        if len(notebooks) == 1 and "/" not in notebooks[0][0]:
            notebook = notebooks[0][1]
            self.put_as(path, "NOTEBOOK", formats.to_source(notebook), notebook.language)
            return
        self.mkdirs(path)
        for below, notebook in notebooks:
            source = formats.to_source(notebook)
            self.put_as(f"{path}/{below}", "NOTEBOOK", source, notebook.language)

    def _check_free(self, path: str, *, overwrite: bool) -> None:
        if self.find(above(path)) is None:
            raise Refusal.missing(f"The parent folder ({above(path)}) does not exist.")
        if self.find(path) is not None and not overwrite:
            raise Refusal.exists(f"Path ({path}) already exists.")

    async def list_repos(self, call: Call) -> dict[str, Any]:  # noqa: ARG002
        """`GET repos`: there are none, since no Git provider can be reached from here."""
        return {}

    async def read_file(self, call: Call) -> Response:
        """`GET workspace-files/{path}`: the bytes of a file, the SOURCE of a notebook."""
        found = self.get("/" + call.text("path"))
        if found.object_type == "DIRECTORY":
            raise Refusal.invalid(f"Path ({found.path}) is a folder.")
        return Response(found.content)

    async def import_file(self, call: Call) -> dict[str, Any]:
        """`POST workspace-files/import-file/{path}`: the raw body becomes a file or a notebook."""
        path = object_path("/" + call.path_params["path"])
        overwrite = call.query.get("overwrite", ["false"])[0].lower() == "true"
        if self.find(path) is not None and not overwrite:
            raise Refusal(409, "RESOURCE_ALREADY_EXISTS", f"Path ({path}) already exists.")
        try:
            self._import(path, call.content, "AUTO", "", overwrite=overwrite)
        except NotANotebook as error:
            raise Refusal.invalid(str(error)) from None
        return {}


def _kind(path: str, content: bytes) -> str | None:
    """What AUTO takes `content` for: a notebook's language, `JUPYTER`, or None for a file."""
    return "JUPYTER" if path.endswith(".ipynb") else formats.language_of(path, content)


def _uploaded(call: Call) -> bytes:
    if call.is_multipart:
        part = call.form.get("content")
        if part is None:
            raise Refusal.invalid("Missing required field: content")
        return part.content
    try:
        return base64.b64decode(call.text("content", ""), validate=True)
    except (binascii.Error, ValueError):
        raise Refusal.invalid("The content is not valid base64.") from None


def _too_large(size: int) -> Refusal:
    return Refusal(
        400,
        "MAX_NOTEBOOK_SIZE_EXCEEDED",
        f"File size imported is ({size} bytes), exceeded max size ({MAX_SIZE} bytes)",
    )
